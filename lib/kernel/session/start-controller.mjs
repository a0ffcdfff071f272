import '../cached.mjs';

await import('./controller.ts');

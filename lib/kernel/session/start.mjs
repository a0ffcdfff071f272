import '../cached.mjs';

await import('./main.ts');

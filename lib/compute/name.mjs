/** The package's name: on npm, of its command, of its folder in the user's cache, of its environment variables in capitals. */
export const PACKAGE = 'tfjs-compile';

/** The package's name: on npm and PyPI, of its folders in the user's home, in the kernel's own replies. */
export const PACKAGE = 'typescript-kernel';

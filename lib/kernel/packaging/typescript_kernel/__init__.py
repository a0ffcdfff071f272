"""A TypeScript kernel for Jupyter: kernelspec, the kernel's JavaScript, and the way to Node."""

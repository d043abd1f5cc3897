/** The matrix products by themselves, for an engine that joins their lanes to 256 bits: kernels/training/products.ts. */
export { product, slopes } from "../product";

/** The one distribution used of jstat, which ships no types. */
declare module 'jstat' {
  const jstat: {
    studentt: {
      /** Quantile of Student's t with `degrees` degrees of freedom at probability `p`. */
      inv(p: number, degrees: number): number;
    };
  };
  export default jstat;
}

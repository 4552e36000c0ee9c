/** The part of jStat that is used; the package has no types of its own. */
declare module 'jstat' {
  interface Distribution {
    /** Share of the distribution below x. */
    cdf(x: number, degreesOfFreedom: number): number;
    /** The x below which a share p of the distribution lies. */
    inv(p: number, degreesOfFreedom: number): number;
  }
  const jStat: { studentt: Distribution };
  export default jStat;
}

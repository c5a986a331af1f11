/** How steeply samples rise, by least squares. */

/** 97.5th percentile of the normal distribution: close to Student's from thirty samples on. */
const Z = 1.96;

/**
 * @param {readonly { x: number, y: number }[]} points
 * @returns {{ slope: number, upper: number }} the slope and the upper limit of its 95 % interval; NaN for fewer than three points
 */
export function slopeOf(points) {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residual = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, upper: slope + Z * Math.sqrt(residual / (n - 2) / spread) };
}

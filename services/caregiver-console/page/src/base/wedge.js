/** The outline of the minutes that are left. Pure. */

const FULL_MIN = 30;
export const RADIUS = 42;

/** The outline of the wedge, clockwise from the top. */
export function wedge(minutes) {
  const share = Math.min(Math.max(minutes / FULL_MIN, 0), 0.9999);
  const angle = 2 * Math.PI * share;
  const x = 50 + RADIUS * Math.sin(angle);
  const y = 50 - RADIUS * Math.cos(angle);
  const large = share > 0.5 ? 1 : 0;
  return `M50 50V${50 - RADIUS}A${RADIUS} ${RADIUS} 0 ${large} 1 ${x.toFixed(2)} ${y.toFixed(2)}Z`;
}

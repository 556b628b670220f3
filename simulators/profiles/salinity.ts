/** Salt and conductivity of river water, one from the other, as a sonde does it. */

// 1 g/L is about 1.8 mS/cm in brackish water and 35 g/L about 53 mS/cm: a parabola through both, as uS/cm.
const LINEAR = 1800
const BEND = 8.3

/** Conductivity in uS/cm at 25 °C of water with so many g/L of sea salt; meant for 0 to 40 g/L. */
export const conductivityOf = (salinity: number): number => LINEAR * salinity - BEND * salinity * salinity

/** Salinity in g/L of water with so many uS/cm: the inverse of conductivityOf. */
export const salinityOf = (conductivity: number): number =>
  (LINEAR - Math.sqrt(LINEAR * LINEAR - 4 * BEND * conductivity)) / (2 * BEND)

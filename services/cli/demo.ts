/** What is different about `keng start --demo`. */

/** A folder of its own, so that simulated readings never mix with real ones. */
export const DEMO_DATA_DIR = './data-demo'

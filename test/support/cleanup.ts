/** Where support code registers what must be undone after a test. */

/** A vitest test context, or `{ onTestFinished: afterAll }` for what a whole file shares. */
export interface Cleanup {
  onTestFinished(undo: () => Promise<void> | void): void
}

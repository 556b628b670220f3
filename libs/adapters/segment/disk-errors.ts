/** What an error of the disk means for the log. */

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

/** No room: goes away when somebody frees space, so it is waited for. */
export const isDiskFull = (error: unknown): boolean => codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** The medium cannot read these bytes back. */
export const isUnreadable = (error: unknown): boolean => codeOf(error) === 'EIO'

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What an error of the disk means for the log. */

import { KengError } from '../../core/errors.ts'
import type { LogTopic } from '../../core/log/log-topics.ts'

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

/** No room: goes away when somebody frees space, so it is waited for. */
export const isDiskFull = (error: unknown): boolean => codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** The medium cannot read these bytes back. */
export const isUnreadable = (error: unknown): boolean => codeOf(error) === 'EIO'

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The log's own error for whatever went wrong where nothing was being made durable: it may go better later. */
export function asLogError(topic: LogTopic, error: unknown): KengError {
  if (error instanceof KengError) return error
  const code = isDiskFull(error) ? 'KENG_LOG_FULL' : 'KENG_LOG_UNAVAILABLE'
  return new KengError(code, `topic ${topic}: ${messageOf(error)}`, { cause: error })
}

/**
 * For whatever was to be made durable and was not. Never repeated: Linux marks the pages clean after it has told the error
 * once, so that the next sync succeeds although the bytes never reached the disk (fsyncgate, PostgreSQL 2018;
 * docs/segment-format.md).
 */
export function asSyncFailure(where: string, error: unknown): KengError {
  if (error instanceof KengError) return error
  return new KengError('KENG_LOG_SYNC_FAILED', `${where}: ${messageOf(error)}`, { cause: error })
}

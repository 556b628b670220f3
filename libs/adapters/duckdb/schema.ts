/** Tables of the embedded series store. */

/** Raised when a table changes its meaning; an older version refuses a newer file. */
export const SCHEMA_VERSION = 1

export const VERSION_TABLE = 'CREATE TABLE IF NOT EXISTS version (number INTEGER)'

/**
 * Times are epoch milliseconds in DOUBLE: exact to 2^53, and read and written as JavaScript numbers. BIGINT costs a
 * BigInt a value, which doubled the time to fill a chunk.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS position (raw_offset DOUBLE);
CREATE TABLE IF NOT EXISTS series (id INTEGER, device VARCHAR, channel VARCHAR);
CREATE TABLE IF NOT EXISTS readings (series INTEGER, ts DOUBLE, value DOUBLE, received DOUBLE, flags UINTEGER);
CREATE TABLE IF NOT EXISTS claimed (series INTEGER, claimed DOUBLE, ts DOUBLE, value DOUBLE);
CREATE TABLE IF NOT EXISTS replaced (series INTEGER, ts DOUBLE, value DOUBLE, received DOUBLE, flags UINTEGER);
CREATE TABLE IF NOT EXISTS ledger (device VARCHAR, minute DOUBLE, stored DOUBLE, partial DOUBLE, duplicate DOUBLE, rejected DOUBLE);
CREATE TABLE IF NOT EXISTS rejections (raw_offset DOUBLE, item INTEGER, id VARCHAR, device VARCHAR, topic VARCHAR, code VARCHAR, message VARCHAR, received DOUBLE, payload BLOB);
CREATE TABLE IF NOT EXISTS memory (key VARCHAR PRIMARY KEY, value VARCHAR);
`

/** Of the connection that writes: what one batch brings, joined with the tables above. */
export const STAGING = `
CREATE TEMP TABLE staged_memory (key VARCHAR, value VARCHAR);
CREATE TEMP TABLE staged_revised (series INTEGER, ts DOUBLE);
`

/** Of the connection that looks points up. */
export const LOOKUP = 'CREATE TEMP TABLE lookup (number INTEGER, series INTEGER, ts DOUBLE, claimed BOOLEAN)'

/** Why a message or a value was refused. Part of the error table (docs/errors.md); messages that a device gets back carry these. */

export const DECODE_ERRORS = {
  KENG_DECODE_UTF8: { what: 'the payload is not UTF-8', fix: 'send JSON text in UTF-8' },
  KENG_DECODE_SYNTAX: { what: 'the payload is not JSON', fix: 'send one JSON object, or an array of up to 1,000' },
  KENG_DECODE_SHAPE: {
    what: 'the JSON is not a telemetry message',
    fix: 'send an object with values, as docs/gateways.md shows',
  },
  KENG_DECODE_TOO_MANY_ITEMS: { what: 'the array is too long', fix: 'send up to 1,000 messages in one array' },
  KENG_DECODE_TOO_DEEP: { what: 'the JSON is nested too deeply', fix: 'send values one level deep' },
  KENG_DECODE_NO_VALUES: {
    what: 'the message holds no value',
    fix: 'send at least one channel with a number or a boolean',
  },
  KENG_DECODE_TIME: { what: 'the time stamp cannot be read', fix: 'send epoch milliseconds or ISO 8601' },
  KENG_DECODE_SEQUENCE: {
    what: 'boot or seq has the wrong type',
    fix: 'send boot as a string or number and seq as a whole number, or neither',
  },
  KENG_DECODE_STATUS: { what: 'the status is not known', fix: 'send measuring, calibrating or fault' },
  KENG_DECODE_CHANNEL: {
    what: 'the channel name cannot be used',
    fix: 'use family.quantity, at most 64 letters, digits, . _ and -',
  },
  KENG_DECODE_TOO_MANY_CHANNELS: { what: 'the device uses too many channels', fix: 'use up to 128 channels a device' },
  KENG_DECODE_VALUE: {
    what: 'the value is not a finite number or a boolean',
    fix: 'send a finite number or true or false',
  },
  KENG_DECODE_EVENT: {
    what: 'the event cannot be read',
    fix: 'send one object with a kind, as docs/gateways.md shows',
  },
  KENG_DECODE_DEVICE: {
    what: 'the device is not registered',
    fix: 'register it, or send under the name it is registered by',
  },
  KENG_DECODE_TOPIC: {
    what: 'no format is known for the topic',
    fix: 'publish to keng/v1/{device}/telemetry or …/event',
  },
  KENG_INGEST_TOO_LARGE: { what: 'the packet is too large', fix: 'send packets of up to 256 KiB' },
} as const

export type DecodeCode = keyof typeof DECODE_ERRORS

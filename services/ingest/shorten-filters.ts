/** Lets a filter of very many levels be refused with 0x80, as any other that a device may not read: Aedes would cut the connection. */

/** Aedes' own bound (aedes/lib/utils.js, topicLevelCount). */
const MAX_LEVELS = 100
const KEPT_LENGTH = 64

/** Changes the filters in place; a shortened one names no topic that anybody may read. */
export function shortenFilters(subscriptions: { topic: string }[]): void {
  subscriptions.forEach((subscription, index) => {
    const { topic } = subscription
    if (topic.length <= MAX_LEVELS || topic.split('/', MAX_LEVELS + 1).length <= MAX_LEVELS) return
    subscription.topic = `${topic.slice(0, KEPT_LENGTH).replaceAll(/[+#]/g, '-')}…${index}`
  })
}

/**
 * A name as a part of a sentence: whatever it holds turns nothing around it, neither the
 * amount after it nor the arrow between two. In markup, class "name" or <bdi> do that.
 */
export const isolate = (name: string): string => `\u2068${name.replace(/[\u2066-\u2069]/g, '')}\u2069`;

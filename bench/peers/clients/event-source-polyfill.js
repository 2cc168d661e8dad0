// It sends no header, and resumes by the query parameter `lastEventId`.
import '/node_modules/event-source-polyfill/src/eventsource.js';

export function follow(url, told) {
  new globalThis.EventSourcePolyfill(url).onmessage = (event) => told(event.data);
}

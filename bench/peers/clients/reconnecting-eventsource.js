// The browser's own, made anew by a timer of this client after each error.
import ReconnectingEventSource from '/node_modules/reconnecting-eventsource/build/esm/reconnecting-eventsource.js';

export function follow(url, told) {
  new ReconnectingEventSource(url).onmessage = (event) => told(event.data);
}

// It resumes where its documentation recommends to say so.
import {SSE} from '/node_modules/sse.js/lib/sse.js';

export function follow(url, told) {
  const source = new SSE(url, {
    // Without it the same address answers with JSON.
    headers: {Accept: 'text/event-stream'},
    autoReconnect: true,
    reconnectDelay: 1000,
    useLastEventId: true,
  });
  source.addEventListener('message', (event) => {
    if (event.data) told(event.data);
  });
}

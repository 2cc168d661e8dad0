// As its documentation has it: what closes is opened again.
import {fetchEventSource} from '/node_modules/@microsoft/fetch-event-source/lib/esm/index.js';

export function follow(url, told) {
  fetchEventSource(url, {
    openWhenHidden: true,
    onmessage(event) {
      // Frames without data, which only carry an id, come here too.
      if (event.data) told(event.data);
    },
    onclose() {
      throw new Error('closed');
    },
  });
}

// What browsers bring.
export function follow(url, told) {
  new EventSource(url).onmessage = (event) => told(event.data);
}

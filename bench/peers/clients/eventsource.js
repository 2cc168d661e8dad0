// For Node: `node eventsource.js URL` prints what it is told, a line each.
import {EventSource} from 'eventsource';

new EventSource(process.argv[2]).onmessage = (event) => console.log(event.data);

import{Journal,follow,isGone}from"./dateline.js";const MOST=50;const PAUSE=3_000;export function followAll(journals,signal){for(let at=0;at<journals.length;at+=MOST){follow(new Several(journals.slice(at,at+MOST)),signal);}}
class Several extends Journal{constructor(journals){const[{origin,fetch}]=journals;const silence=Math.min(...journals.map((each)=>each.silence));const format=journals.some((each)=>each.format==="html")?"html":"json";const onTime=(time)=>journals.forEach(({options})=>options.onTime?.(time));super("",{origin,silence,format,onTime});this.address=`${origin}/v1`;this.fetch=fetch;this.journals=new Map(journals.map((each)=>[each.slug,each]));}
get open(){return[...this.journals.values()].filter(({isOver})=>!isOver);}
get isOver(){return!this.open.length;}
get cursor(){return this.open.every(({cursor})=>cursor);}
set cursor(composite){for(const part of composite.split(",")){const[slug,cursor]=part.split(":");const journal=this.journals.get(slug);if(journal)journal.cursor??=cursor;}}
get query(){const{format,open}=this;const known=open.filter(({cursor})=>cursor);const after=known.map(({slug,cursor})=>`${slug}:${cursor}`).join();const asked=Object.entries({format,...(after&&{after})});return new URLSearchParams([...asked,...open.map(({slug})=>["coverage",slug])]);}
async hear(event,data,attempt){const journal=this.journals.get(data.coverage);if(event==="gone")journal?.tell("gone");else if(journal)await orGone(journal,journal.hear(event,data,attempt));}
async fill(attempt,wait){for(const journal of this.open)await orGone(journal,journal.fill(attempt));if(!wait)return;attempt.expect(2*PAUSE);await new Promise((resolve,reject)=>{setTimeout(resolve,PAUSE);attempt.signal.addEventListener("abort",reject);});}
tell(state){this.state=state;for(const journal of this.open)journal.tell(state);}}
async function orGone(journal,act){try{await act;}catch(error){if(!isGone(error))throw error;journal.tell("gone");}}

#include "plan.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dial.h"

struct plan plan = {
    .host = "127.0.0.1", .path = "/", .publish_path = "/", .label = "", .conns = 100,
    .processes = 1, .ramp = 2000, .in_flight = 200, .settle_ms = 1000, .max_seconds = 120,
    .stall = 5, .receive_buffer = 1024,
};

static const char DEFAULT_BODY[] =
    "{\"id\":%N,\"text\":\"Two engines are on their way.\",\"m\":\"@n=%N@@t=%T@\"}";

static const char USAGE[] =
    "fanload --port P [options]      (loopback only; see docs/performance.md)\n"
    "  --mode sse|ws|poll  --host 127.0.0.1  --path /  --header 'K: V'...  --cursor C (poll)\n"
    "  --compressed        offer gzip, or permessage-deflate\n"
    "  --conns 100  --processes 1  --sources auto  --ramp 2000 (a second)  --in-flight 200\n"
    "  --settle 1000 (ms)  --stall 5 (s without progress)  --max-time 120 (s)  --label TEXT\n"
    "  --phase RATE:COUNT[:WINDOW]... | away:COUNT    (default 10:100; rate 0: window 4)\n"
    "  --external | --publish-port P --publish-path / --publish-header 'K: V'... --body-file F\n"
    "      (in the body %N is the message's number, %T its stamp, %% a per cent sign)\n"
    "  --resume            come back with the cursor after every end; SIGUSR1 marks an outage\n"
    "  --stalled 0         so many of the readers never read until all is over\n"
    "  --pid P...          process trees to measure\n";

enum {
    MODE = 1, HOST, PORT, PATH, HEADER, CURSOR, COMPRESSED, CONNS, PROCESSES, SOURCES, RAMP,
    IN_FLIGHT, SETTLE, STALL, MAX_TIME, LABEL, PHASE, EXTERNAL, PUBLISH_PORT, PUBLISH_PATH,
    PUBLISH_HEADER, BODY_FILE, RESUME, STALLED, PID
};

static const struct option OPTIONS[] = {
    { "mode", 1, 0, MODE }, { "host", 1, 0, HOST }, { "port", 1, 0, PORT }, { "path", 1, 0, PATH },
    { "header", 1, 0, HEADER }, { "cursor", 1, 0, CURSOR }, { "compressed", 0, 0, COMPRESSED },
    { "conns", 1, 0, CONNS }, { "processes", 1, 0, PROCESSES }, { "sources", 1, 0, SOURCES },
    { "ramp", 1, 0, RAMP }, { "in-flight", 1, 0, IN_FLIGHT }, { "settle", 1, 0, SETTLE },
    { "stall", 1, 0, STALL }, { "max-time", 1, 0, MAX_TIME }, { "label", 1, 0, LABEL },
    { "phase", 1, 0, PHASE }, { "external", 0, 0, EXTERNAL },
    { "publish-port", 1, 0, PUBLISH_PORT }, { "publish-path", 1, 0, PUBLISH_PATH },
    { "publish-header", 1, 0, PUBLISH_HEADER }, { "body-file", 1, 0, BODY_FILE },
    { "resume", 0, 0, RESUME }, { "stalled", 1, 0, STALLED }, { "pid", 1, 0, PID }, { 0, 0, 0, 0 },
};

static void refuse(const char *what)
{
    fprintf(stderr, "fanload: %s\n%s", what, USAGE);
    exit(2);
}

static void add_header(char *headers, const char *line)
{
    size_t length = strlen(headers);
    if (length + strlen(line) + 3 > sizeof plan.headers)
        refuse("too many headers");
    sprintf(headers + length, "%s\r\n", line);
}

static void add_phase(const char *text)
{
    struct phase p = { .window = 4, .first = plan.messages + 1 };
    if (plan.phase_count == MOST_PHASES)
        refuse("too many phases");
    p.away = !strncmp(text, "away:", 5);
    if (p.away ? sscanf(text + 5, "%d", &p.count) != 1
               : sscanf(text, "%lf:%d:%d", &p.rate, &p.count, &p.window) < 2)
        refuse("a phase is RATE:COUNT[:WINDOW] or away:COUNT");
    if (p.count < 1 || p.count > 100000 || p.window < 1 || p.rate < 0)
        refuse("a phase has 1 to 100,000 messages, a window of at least 1 and no negative rate");
    plan.messages += p.count;
    plan.phases[plan.phase_count++] = p;
}

static char *read_body(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "r");
    if (!file || !text || !fread(text, 1, (1 << 20) - 1, file))
        refuse("the body cannot be read");
    fclose(file);
    return text;
}

static enum transport transport_named(const char *name)
{
    if (!strcmp(name, "sse"))
        return SSE;
    if (!strcmp(name, "ws"))
        return SOCKET;
    if (strcmp(name, "poll"))
        refuse("--mode is sse, ws or poll");
    return POLL;
}

static void take_text(int option, char *text)
{
    switch (option) {
    case MODE: plan.transport = transport_named(text); break;
    case HOST: plan.host = text; break;
    case PATH: plan.path = text; break;
    case HEADER: add_header(plan.headers, text); break;
    case CURSOR: plan.cursor = text; break;
    case LABEL: plan.label = text; break;
    case PHASE: add_phase(text); break;
    case PUBLISH_PATH: plan.publish_path = text; break;
    case PUBLISH_HEADER: add_header(plan.publish_headers, text); break;
    case BODY_FILE: plan.body = read_body(text); break;
    case STALL: plan.stall = atof(text); break;
    default: refuse("unknown option");
    }
}

static void take(int option, char *text)
{
    switch (option) {
    case PORT: plan.port = atoi(text); break;
    case COMPRESSED: plan.compressed = 1; break;
    case CONNS: plan.conns = atoi(text); break;
    case PROCESSES: plan.processes = atoi(text); break;
    case SOURCES: plan.sources = atoi(text); break;
    case RAMP: plan.ramp = atoi(text); break;
    case IN_FLIGHT: plan.in_flight = atoi(text); break;
    case SETTLE: plan.settle_ms = atoi(text); break;
    case MAX_TIME: plan.max_seconds = atoi(text); break;
    case EXTERNAL: plan.external = 1; break;
    case PUBLISH_PORT: plan.publish_port = atoi(text); break;
    case RESUME: plan.resume = 1; break;
    case STALLED: plan.stalled = atoi(text); break;
    case PID:
        if (plan.pid_count == MOST_PIDS)
            refuse("too many process trees");
        plan.pids[plan.pid_count++] = atoi(text);
        break;
    default: take_text(option, text);
    }
}

static void check_plan(void)
{
    if (plan.port < 1 || plan.port > 65535)
        refuse("--port is 1 to 65535");
    if (plan.conns < 1 || plan.conns > 200000 || plan.stalled < 0 || plan.stalled >= plan.conns)
        refuse("--conns is 1 to 200,000, and one of them reads");
    if (plan.processes < 1 || plan.ramp < 1 || plan.in_flight < 1 || plan.max_seconds < 1
        || plan.max_seconds > 3600 || plan.settle_ms < 0 || plan.stall <= 0)
        refuse("a number is out of bounds");
    if ((double)plan.conns * plan.messages / 8 > 1e9)
        refuse("so many deliveries cannot be kept account of");
    if (strlen(plan.path) > 1024 || strlen(plan.publish_path) > 1024)
        refuse("a path has 1,024 bytes at most");
    if (!dial_prepare(plan.host))
        refuse("--host is an address in 127.0.0.0/8");
    for (int i = 0; i < plan.phase_count; i++)
        if (plan.phases[i].away && (plan.transport == POLL || plan.external || plan.stalled))
            refuse("only streams that are published to from here, and that read, can be away");
}

void read_plan(int argc, char **argv)
{
    static char body[sizeof DEFAULT_BODY];
    for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;)
        take(option, optarg);
    if (!plan.phase_count)
        add_phase("10:100");
    if (!plan.body)
        plan.body = memcpy(body, DEFAULT_BODY, sizeof DEFAULT_BODY);
    check_plan();
    if (!plan.publish_port)
        plan.publish_port = plan.port;
    /* The limit of descriptors is each process's own; an address has 28,000 ports. */
    while (plan.conns / plan.processes + 64 > dial_limit() && plan.processes < MOST_PROCESSES)
        plan.processes++;
    if (plan.processes > MOST_PROCESSES)
        plan.processes = MOST_PROCESSES;
    if (!plan.sources)
        plan.sources = plan.conns / 20000 + 1;
    plan.in_flight = plan.in_flight / plan.processes + 1;
}

int phase_of(int number)
{
    int i = plan.phase_count - 1;
    while (i && number < plan.phases[i].first)
        i--;
    return i;
}

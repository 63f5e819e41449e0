/*
 * A program as others write them against the original's client library: it makes every call of hb_api.h once at least, and prints what came
 * of each, a line per call, nothing that differs from run to run. The same binary runs at the original daemon and at ours.
 *
 *   api-calls listen          signs on as aptest and prints what its namesakes say, until one says apbye
 *   api-calls ask PEER        makes all calls; a listener must be running on PEER
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <glib.h>
#include <hb_api.h>

static ll_cluster_t *hb;
static volatile sig_atomic_t signals;
static int left, joined;

#define OPS hb->llc_ops
#define SAY(call, ...) (printf(call ": " __VA_ARGS__), putchar('\n'), fflush(stdout))

static const char *or_null(const char *text) { return text == NULL ? "NULL" : text; }
static void count_signal(int number) { (void)number; signals++; }

static void on_message(struct ha_msg *message, void *data) {
  (void)message;
  SAY("set_msg_callback", "called with %s", (const char *)data);
}
static void on_node(const char *node, const char *status, void *data) {
  (void)data;
  SAY("set_nstatus_callback", "called: %s %s", node, status);
}
static void on_link(const char *node, const char *link, const char *status, void *data) {
  (void)data;
  SAY("set_ifstatus_callback", "called: %s %s %s", node, link, status);
}
static void on_client(const char *node, const char *client, const char *status, void *data) {
  SAY("set_cstatus_callback", "called: %s %s %s", node, client, status);
  if (strcmp(status, "leave") == 0 && strcmp(node, (const char *)data) == 0) left = 1;
  if (strcmp(status, "join") == 0) joined = 1;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/* The next message whose type begins with "ap", or NULL when none comes in time or `done` is set by a callback. */
static struct ha_msg *next_message(double limit, const int *done) {
  double end = seconds() + limit;
  while (seconds() < end) {
    if (done != NULL && *done) return NULL;
    if (!OPS->msgready(hb)) {
      struct pollfd ready = {.fd = OPS->inputfd(hb), .events = POLLIN};
      poll(&ready, 1, 50);
      if (!OPS->chan_is_connected(hb)) return NULL;
      if (!OPS->msgready(hb)) continue;
    }
    struct ha_msg *message = OPS->readmsg(hb, 0);
    if (message == NULL) continue;
    const char *type = ha_msg_value(message, "t");
    if (type != NULL && strncmp(type, "ap", 2) == 0) return message;
    ha_msg_del(message);
  }
  return NULL;
}

static void show(const char *who, struct ha_msg *message) {
  size_t length = 0;
  const unsigned char *bytes = cl_get_binary(message, "bytes", &length);
  struct ha_msg *inner = cl_get_struct(message, "inner");
  printf("%s: %s from %s to %s, n %s, oseq %s", who, or_null(ha_msg_value(message, "t")), or_null(ha_msg_value(message, "src")),
         or_null(ha_msg_value(message, "dest")), or_null(ha_msg_value(message, "n")), or_null(ha_msg_value(message, "oseq")));
  if (bytes != NULL) printf(", %zu bytes %02x..%02x", length, bytes[0], bytes[length - 1]);
  if (inner != NULL) printf(", inside %s", or_null(ha_msg_value(inner, "deep")));
  if (cl_msg_list_length(message, "list") > 0)
    printf(", list of %d, last %s", cl_msg_list_length(message, "list"), (char *)cl_msg_list_nth_data(message, "list", 2));
  printf("\n");
  fflush(stdout);
}

static struct ha_msg *words(const char *type, const char *number) {
  struct ha_msg *message = ha_msg_new(4);
  ha_msg_add(message, "t", type);
  ha_msg_add(message, "n", number);
  return message;
}

static int listen_only(void) {
  SAY("signon", "%d", OPS->signon(hb, "aptest"));
  for (;;) {
    struct ha_msg *message = next_message(60, NULL);
    if (message == NULL) return SAY("listener", "nothing more within a minute"), 1;
    show("listener", message);
    int bye = strcmp(ha_msg_value(message, "t"), "apbye") == 0;
    ha_msg_del(message);
    if (bye) break;
  }
  SAY("signoff", "%d", OPS->signoff(hb, TRUE));
  return 0;
}

static void walk(void) {
  SAY("init_nodewalk", "%d", OPS->init_nodewalk(hb));
  for (const char *node; (node = OPS->nextnode(hb)) != NULL;) {
    SAY("nextnode", "%s", node);
    SAY("node_status", "%s", or_null(OPS->node_status(hb, node)));
    SAY("node_type", "%s", or_null(OPS->node_type(hb, node)));
    SAY("node_weight", "%d", OPS->node_weight(hb, node));
    SAY("node_site", "[%s]", or_null(OPS->node_site(hb, node)));
    SAY("init_ifwalk", "%d", OPS->init_ifwalk(hb, node));
    for (const char *link; (link = OPS->nextif(hb)) != NULL;)
      SAY("nextif", "%s, if_status: %s", link, or_null(OPS->if_status(hb, node, link)));
    SAY("end_ifwalk", "%d", OPS->end_ifwalk(hb));
    cl_uuid_t uuid;
    char name[100] = "untouched";
    int found = OPS->get_uuid_by_name(hb, node, &uuid);
    SAY("get_uuid_by_name", "%d, null %d", found, cl_uuid_is_null(&uuid));
    int back = OPS->get_name_by_uuid(hb, &uuid, name, sizeof name);
    SAY("get_name_by_uuid", "%d %s", back, name);
  }
  SAY("end_nodewalk", "%d", OPS->end_nodewalk(hb));
}

static void wrong_questions(void) {
  SAY("node_status", "of nobody: %s, errmsg: %s", or_null(OPS->node_status(hb, "nosuch")), or_null(OPS->errmsg(hb)));
  SAY("node_weight", "of nobody: %d", OPS->node_weight(hb, "nosuch"));
  SAY("node_site", "of nobody: %s", or_null(OPS->node_site(hb, "nosuch")));
  SAY("node_type", "of nobody: %s", or_null(OPS->node_type(hb, "nosuch")));
  SAY("init_ifwalk", "of nobody: %d", OPS->init_ifwalk(hb, "nosuch"));
  SAY("if_status", "of nobody: %s", or_null(OPS->if_status(hb, "nosuch", "eth0")));
  cl_uuid_t uuid;
  char name[100] = "untouched";
  cl_uuid_clear(&uuid);
  SAY("get_uuid_by_name", "of nobody: %d", OPS->get_uuid_by_name(hb, "nosuch", &uuid));
  memset(&uuid, 0x7f, sizeof uuid);
  SAY("get_name_by_uuid", "of nobody: %d", OPS->get_name_by_uuid(hb, &uuid, name, sizeof name));
}

static void parameters(void) {
  static const char *const names[] = {KEY_HBVERSION, KEY_CLUSTER, KEY_HOPS, KEY_KEEPALIVE, KEY_DEADTIME, KEY_DEADPING, KEY_WARNTIME,
    KEY_INITDEAD, KEY_WATCHDOG, KEY_BAUDRATE, KEY_UDPPORT, KEY_FACILITY, KEY_LOGFILE, KEY_DBGFILE, KEY_FAILBACK, KEY_AUTOFAIL,
    KEY_STONITH, KEY_CLIENT_CHILD, KEY_COMPRESSION, KEY_COMPRESSION_THRESHOLD, KEY_TRADITIONAL_COMPRESSION, KEY_RT_PRIO,
    KEY_GEN_METH, KEY_REALTIME, KEY_DEBUGLEVEL, KEY_NORMALPOLL, KEY_APIPERM, KEY_MSGFMT, KEY_LOGDAEMON, KEY_CONNINTVAL,
    KEY_BADPACK, KEY_SYSLOGFMT, KEY_COREDUMP, KEY_COREROOTDIR, KEY_REL2, KEY_PACEMAKER, KEY_AUTOJOIN, KEY_UUIDFROM, KEY_ENV,
    KEY_MEMRESERVE, KEY_MAX_REXMIT_DELAY, "nosuch"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *value = OPS->get_parameter(hb, names[i]);
    SAY("get_parameter", "%s %s", names[i], or_null(value));
    free(value);
  }
}

static void speak(const char *peer) {
  struct ha_msg *message = words("apcluster", "1");
  SAY("sendclustermsg", "%d", OPS->sendclustermsg(hb, message));
  ha_msg_del(message);

  message = words("apnode", "2");
  SAY("sendnodemsg", "%d", OPS->sendnodemsg(hb, message, peer));
  SAY("sendnodemsg", "to nobody: %d", OPS->sendnodemsg(hb, message, "nosuch"));
  ha_msg_del(message);

  cl_uuid_t uuid;
  if (OPS->get_uuid_by_name(hb, peer, &uuid) == HA_OK) {
    message = words("apuuid", "3");
    SAY("sendnodemsg_byuuid", "%d", OPS->sendnodemsg_byuuid(hb, message, &uuid));
    ha_msg_del(message);
  }
  for (int i = 0; i < 3; i++) {
    char number[12];
    snprintf(number, sizeof number, "%d", 10 + i);
    message = words("apordered", number);
    SAY("send_ordered_clustermsg", "%d", OPS->send_ordered_clustermsg(hb, message));
    ha_msg_del(message);
    message = words("apordnode", number);
    SAY("send_ordered_nodemsg", "%d", OPS->send_ordered_nodemsg(hb, message, peer));
    ha_msg_del(message);
  }
  unsigned char bytes[600];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i + 250);
  message = words("apbinary", "4");
  ha_msg_addbin(message, "bytes", bytes, sizeof bytes);
  SAY("sendclustermsg", "with bytes: %d", OPS->sendclustermsg(hb, message));
  ha_msg_del(message);

  struct ha_msg *inner = ha_msg_new(1);
  ha_msg_add(inner, "deep", "down here");
  message = words("apstruct", "5");
  ha_msg_addstruct(message, "inner", inner);
  cl_msg_list_add_string(message, "list", "one");
  cl_msg_list_add_string(message, "list", "two");
  cl_msg_list_add_string(message, "list", "three");
  SAY("sendclustermsg", "with a message and a list: %d", OPS->sendclustermsg(hb, message));
  ha_msg_del(message);
  ha_msg_del(inner);
}

static gboolean on_source(ll_cluster_t *source, gpointer data) {
  while (source->llc_ops->msgready(source)) {
    struct ha_msg *message = source->llc_ops->readmsg(source, 0);
    if (message == NULL) break;
    const char *type = ha_msg_value(message, "t");
    int ours = type != NULL && strcmp(type, "aploop") == 0;
    ha_msg_del(message);
    if (!ours) continue;
    SAY("G_main_add_ll_cluster", "called for aploop");
    g_main_loop_quit((GMainLoop *)data);
  }
  return TRUE;
}

static gboolean give_up(gpointer data) {
  SAY("G_main_add_ll_cluster", "not called in time");
  g_main_loop_quit((GMainLoop *)data);
  return FALSE;
}

static void main_loop(void) {
  GMainLoop *loop = g_main_loop_new(NULL, FALSE);
  G_main_add_ll_cluster(G_PRIORITY_DEFAULT, hb, FALSE, on_source, loop, NULL);
  struct ha_msg *message = words("aploop", "6");
  OPS->sendclustermsg(hb, message);
  ha_msg_del(message);
  g_timeout_add(10000, give_up, loop);
  g_main_loop_run(loop);
}

static int ask(const char *peer) {
  SAY("signon", "%d", OPS->signon(hb, "aptest"));
  SAY("set_msg_callback", "%d", OPS->set_msg_callback(hb, "apcallback", on_message, "its data"));
  SAY("set_nstatus_callback", "%d", OPS->set_nstatus_callback(hb, on_node, NULL));
  SAY("set_ifstatus_callback", "%d", OPS->set_ifstatus_callback(hb, on_link, NULL));
  SAY("set_cstatus_callback", "%d", OPS->set_cstatus_callback(hb, on_client, (void *)peer));
  for (unsigned mode = 0; mode < 5; mode++) SAY("setfmode", "%u: %d", mode, OPS->setfmode(hb, mode));
  SAY("setfmode", "0: %d", OPS->setfmode(hb, LLC_FILTER_DEFAULT));
  signal(SIGUSR1, count_signal);
  SAY("setmsgsignal", "%d", OPS->setmsgsignal(hb, SIGUSR1));
  SAY("setmsgsignal", "SIGKILL: %d", OPS->setmsgsignal(hb, SIGKILL));
  SAY("get_mynodeid", "%s", or_null(OPS->get_mynodeid(hb)));
  SAY("get_deadtime", "%ld", OPS->get_deadtime(hb));
  SAY("get_keepalive", "%ld", OPS->get_keepalive(hb));
  SAY("get_logfacility", "%d", OPS->get_logfacility(hb));
  SAY("get_resources", "%s", or_null(OPS->get_resources(hb)));
  SAY("num_nodes", "%d", OPS->num_nodes(hb));
  SAY("inputfd", "%d", OPS->inputfd(hb) > 2);
  SAY("ipcchan", "%d", OPS->ipcchan(hb) != NULL);
  SAY("chan_is_connected", "%d", OPS->chan_is_connected(hb));
  SAY("set_sendq_len", "%d", OPS->set_sendq_len(hb, 200));
  SAY("set_send_block_mode", "%d", OPS->set_send_block_mode(hb, TRUE));
  walk();
  wrong_questions();
  parameters();
  SAY("setmsgsignal", "seen %d", signals > 0);
  SAY("setmsgsignal", "0: %d", OPS->setmsgsignal(hb, 0)); /* a signal ends the wait of client_status, and an answer is lost */
  SAY("client_status", "here: %s", or_null(OPS->client_status(hb, OPS->get_mynodeid(hb), "aptest", 5000)));
  SAY("client_status", "nobody here: %s", or_null(OPS->client_status(hb, OPS->get_mynodeid(hb), "nosuch", 5000)));
  SAY("client_status", "there: %s", or_null(OPS->client_status(hb, peer, "aptest", 5000)));
  SAY("client_status", "nobody there: %s", or_null(OPS->client_status(hb, peer, "nosuch", 5000)));
  speak(peer);
  struct ha_msg *message = words("apcallback", "7");
  OPS->sendclustermsg(hb, message);
  ha_msg_del(message);
  /* What came back of these, until the last of them. */
  for (int last = 0; !last;) {
    if ((message = next_message(15, NULL)) == NULL) return SAY("readmsg", "not all came back"), 1;
    show("readmsg", message);
    last = strcmp(ha_msg_value(message, "t"), "apstruct") == 0;
    ha_msg_del(message);
  }
  double end = seconds() + 10;
  int received = 0;
  while (!received && seconds() < end)
    if (OPS->msgready(hb)) received = OPS->rcvmsg(hb, 0);
    else usleep(20000);
  SAY("rcvmsg", "%d", received);
  SAY("msgready", "%d", OPS->msgready(hb));
  main_loop();
  message = words("apbye", "8");
  SAY("sendnodemsg", "%d", OPS->sendnodemsg(hb, message, peer));
  ha_msg_del(message);
  next_message(15, &left);
  SAY("set_cstatus_callback", "%s was seen to leave: %d", peer, left);
  SAY("signoff", "%d", OPS->signoff(hb, TRUE));
  SAY("chan_is_connected", "%d", OPS->chan_is_connected(hb));
  SAY("delete", "%d", OPS->delete(hb));
  return 0;
}

int main(int argc, char **argv) {
  alarm(120);
  hb = ll_cluster_new("heartbeat");
  if (hb == NULL) return SAY("ll_cluster_new", "NULL"), 2;
  if (argc == 2 && strcmp(argv[1], "listen") == 0) return listen_only();
  if (argc == 3 && strcmp(argv[1], "ask") == 0) return ask(argv[2]);
  fprintf(stderr, "usage: api-calls listen | ask PEER\n");
  return 2;
}

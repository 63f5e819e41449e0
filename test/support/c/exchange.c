/*
 * A program on the original's client library for test/interop/exchange: says COUNT things to its namesake on another node while that
 * one says as many, and prints what arrived as one line of JSON. test/support/exchange.ts is the same on our own client.
 *
 *   exchange PEER COUNT SIZE THEIRS plain|packed SECONDS
 *
 * SIZE is that of our bodies, THEIRS that of the peer's. `packed`: the body is a nested message that asks for compression. Nothing is said before the peer has been heard.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <glib.h>
#include <hb_api.h>

#define OPS hb->llc_ops

static ll_cluster_t *hb;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void fill(char *body, int n, int size) {
  for (int i = 0; i < size; i++) body[i] = '0' + (i + n) % 10;
  body[size] = 0;
}

static int say(const char *type, int n, int size, int packed) {
  struct ha_msg *message = ha_msg_new(0);
  char number[16], *body = malloc(size + 1);
  snprintf(number, sizeof number, "%d", n);
  fill(body, n, size);
  ha_msg_add(message, "t", type);
  ha_msg_add(message, "n", number);
  if (packed) {
    struct ha_msg *kid = ha_msg_new(0);
    ha_msg_add(kid, "body", body);
    ha_msg_addstruct_compress(message, "kid", kid);
    ha_msg_del(kid);
  } else {
    ha_msg_add(message, "body", body);
  }
  int sent = OPS->sendclustermsg(hb, message) == HA_OK;
  ha_msg_del(message);
  free(body);
  return sent;
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  const char *peer = argv[1];
  int count = atoi(argv[2]), size = atoi(argv[3]), theirs = atoi(argv[4]), packed = strcmp(argv[5], "packed") == 0;
  double began = seconds(), end = began + atof(argv[6]), ready_at = 0, next_at = 0, done_at = 0;
  char *seen = calloc(count, 1), *expected = malloc(theirs + 1);
  int heard = 0, sent = 0, received = 0, twice = 0, damaged = 0;
  hb = ll_cluster_new("heartbeat");
  if (OPS->signon(hb, "exchange") != HA_OK) {
    fprintf(stderr, "sign-on: %s\n", OPS->errmsg(hb));
    return 1;
  }
  OPS->set_sendq_len(hb, 1000);
  while (seconds() < end && (done_at == 0 || seconds() < done_at + 2)) {
    double now = seconds();
    if (received == 0 && now >= ready_at) {
      say("exready", 0, 1, 0);
      ready_at = now + 0.2;
    }
    if (heard && sent < count && now >= next_at) {
      if (say("exmessage", sent, size, packed)) sent++;
      next_at = now + 0.01;
    }
    if (sent == count && received == count && done_at == 0) done_at = now;
    if (!OPS->msgready(hb)) {
      struct pollfd ready = {.fd = OPS->inputfd(hb), .events = POLLIN};
      poll(&ready, 1, 5);
      if (!OPS->chan_is_connected(hb)) break;
      if (!OPS->msgready(hb)) continue;
    }
    struct ha_msg *message = OPS->readmsg(hb, 0);
    if (message == NULL) continue;
    const char *type = ha_msg_value(message, "t"), *from = ha_msg_value(message, "src");
    if (type != NULL && from != NULL && strcmp(from, peer) == 0) {
      if (strcmp(type, "exready") == 0) heard = 1;
      if (strcmp(type, "exmessage") == 0) {
        int n = atoi(ha_msg_value(message, "n"));
        struct ha_msg *kid = packed ? cl_get_struct(message, "kid") : message;
        const char *body = kid == NULL ? NULL : ha_msg_value(kid, "body");
        if (n >= 0 && n < count) {
          fill(expected, n, theirs);
          if (body == NULL || strcmp(body, expected) != 0) damaged++;
          if (seen[n]) twice++; else received++;
          seen[n] = 1;
        }
        heard = 1;
      }
    }
    ha_msg_del(message);
  }
  printf("{\"sent\":%d,\"received\":%d,\"twice\":%d,\"damaged\":%d,\"seconds\":%.1f}\n", sent, received, twice, damaged, seconds() - began);
  OPS->signoff(hb, 0);
  return 0;
}

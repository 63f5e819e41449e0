/*
 * The only native code of the product: raw system calls and readiness of file descriptors.
 *
 * What Node.js cannot do by itself (netlink, packet sockets, socket options, scheduling) is a system call away. Everything above
 * the call itself, from numbers to structures, is TypeScript in src/drivers/sys. A wrong pointer is answered by the kernel with EFAULT
 * and does not reach the process; the one danger left is an output buffer shorter than the kernel was told, and the wrappers
 * take every length from the buffer itself.
 *
 *   sys(number, ...up to 6 arguments)  -> the kernel's answer; failures are negative errno values
 *   watch(fd, events, callback)        -> an id above zero, or a negative errno; callback(events, status)
 *   filter(setsockopt, fd, program)    -> as sys: the kernel's packet filter, whose option holds a pointer; struct sock_filter bytes
 *   unwatch(id)                        -> true if there was such a watch; no callback comes after it
 *
 * Arguments of `sys`: number, bigint, boolean, null or undefined (0), ArrayBuffer, typed array, Buffer, DataView (address of their bytes).
 * Anything else throws a TypeError. Events: 1 readable, 2 writable, 4 disconnected (as in libuv).
 *
 * State belongs to the environment (main thread or worker) and is released when that ends: libuv wants its handles closed,
 * which takes a turn of the loop, hence the asynchronous clean-up hook.
 *
 * Built without libc and libuv headers (scripts/build-addon.mjs): Node's own binary exports every symbol used here, so one file
 * per processor serves all versions of Node and both glibc and musl.
 */
#define NAPI_VERSION 8
#include <node_api.h>

/* From libuv's public interface, stable within version 1: handles are opaque and sized at run time. */
typedef struct uv_poll uv_poll_t;
extern int uv_poll_init(struct uv_loop_s *loop, uv_poll_t *handle, int fd);
extern int uv_poll_start(uv_poll_t *handle, int events, void (*ready)(uv_poll_t *handle, int status, int events));
extern void uv_close(void *handle, void (*closed)(void *handle));
extern size_t uv_handle_size(int type);
extern void uv_handle_set_data(void *handle, void *data);
extern void *uv_handle_get_data(const void *handle);
enum { HANDLE_TYPE_POLL = 8 };          /* uv_handle_type: UV_POLL */
enum { EVENTS_KNOWN = 1 | 2 | 4 };      /* UV_READABLE | UV_WRITABLE | UV_DISCONNECT */

extern void *calloc(size_t count, size_t size);
extern void free(void *memory);

enum { ERRNO_NOMEM = 12, ERRNO_INVAL = 22 };
enum { SYS_ARGUMENTS_MAX = 6 };

/* ---- system calls ---------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
static long raw_call(long number, const long a[SYS_ARGUMENTS_MAX]) {
  long result;
  register long r10 __asm__("r10") = a[3];
  register long r8 __asm__("r8") = a[4];
  register long r9 __asm__("r9") = a[5];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static long raw_call(long number, const long a[SYS_ARGUMENTS_MAX]) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a[0];
  register long x1 __asm__("x1") = a[1];
  register long x2 __asm__("x2") = a[2];
  register long x3 __asm__("x3") = a[3];
  register long x4 __asm__("x4") = a[4];
  register long x5 __asm__("x5") = a[5];
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory", "cc");
  return x0;
}
#else
#error "hbsys: this processor's system call convention is not known; src/drivers/sys/numbers.ts needs its numbers, too"
#endif

/* The value as a register's content. False: a type that has none. */
static int register_of(napi_env env, napi_value value, long *out) {
  napi_valuetype type;
  *out = 0;
  if (napi_typeof(env, value, &type) != napi_ok) return 0;
  switch (type) {
    case napi_undefined:
    case napi_null:
      return 1;
    case napi_boolean: {
      bool truth = false;
      if (napi_get_value_bool(env, value, &truth) != napi_ok) return 0;
      *out = truth;
      return 1;
    }
    case napi_number: {
      int64_t number = 0;
      if (napi_get_value_int64(env, value, &number) != napi_ok) return 0;
      *out = (long)number;
      return 1;
    }
    case napi_bigint: {
      uint64_t number = 0;
      bool lossless;
      if (napi_get_value_bigint_uint64(env, value, &number, &lossless) != napi_ok) return 0;
      *out = (long)number;
      return 1;
    }
    case napi_object:
      break;
    default:
      return 0;
  }
  void *bytes = NULL;
  size_t length;
  bool is = false;
  if (napi_is_typedarray(env, value, &is) == napi_ok && is) {
    if (napi_get_typedarray_info(env, value, NULL, NULL, &bytes, NULL, NULL) != napi_ok) return 0;
  } else if (napi_is_dataview(env, value, &is) == napi_ok && is) {
    if (napi_get_dataview_info(env, value, NULL, &bytes, NULL, NULL) != napi_ok) return 0;
  } else if (napi_is_arraybuffer(env, value, &is) == napi_ok && is) {
    if (napi_get_arraybuffer_info(env, value, &bytes, &length) != napi_ok) return 0;
  } else {
    return 0;
  }
  *out = (long)bytes;
  return 1;
}

static napi_value integer(napi_env env, int64_t number) {
  napi_value value = NULL;
  napi_create_int64(env, number, &value);
  return value;
}

static napi_value type_error(napi_env env, const char *says) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", says);
  return NULL;
}

static napi_value sys(napi_env env, napi_callback_info info) {
  napi_value given[SYS_ARGUMENTS_MAX + 1];
  size_t count = SYS_ARGUMENTS_MAX + 1;
  long registers[SYS_ARGUMENTS_MAX] = {0};
  napi_valuetype type;
  int64_t number;
  if (napi_get_cb_info(env, info, &count, given, NULL, NULL) != napi_ok || count < 1 || count > SYS_ARGUMENTS_MAX + 1)
    return type_error(env, "sys: a system call number and at most 6 arguments");
  if (napi_typeof(env, given[0], &type) != napi_ok || type != napi_number ||
      napi_get_value_int64(env, given[0], &number) != napi_ok)
    return type_error(env, "sys: the system call number must be a number");
  for (size_t i = 1; i < count; i++)
    if (!register_of(env, given[i], &registers[i - 1]))
      return type_error(env, "sys: an argument must be a number, bigint, boolean, null or bytes");
  return integer(env, raw_call((long)number, registers));
}

/* `struct sock_fprog` (linux/filter.h): the one socket option of ours that is not plain bytes. */
static napi_value filter(napi_env env, napi_callback_info info) {
  enum { SOL_SOCKET_ = 1, SO_ATTACH_FILTER_ = 26, INSTRUCTION_BYTES = 8, INSTRUCTIONS_MAX = 4096 };
  napi_value given[3];
  size_t count = 3;
  napi_typedarray_type type;
  size_t length = 0;
  void *bytes = NULL;
  int64_t number;
  int32_t fd;
  bool is = false;
  if (napi_get_cb_info(env, info, &count, given, NULL, NULL) != napi_ok || count < 3 ||
      napi_get_value_int64(env, given[0], &number) != napi_ok || napi_get_value_int32(env, given[1], &fd) != napi_ok ||
      napi_is_typedarray(env, given[2], &is) != napi_ok || !is ||
      napi_get_typedarray_info(env, given[2], &type, &length, &bytes, NULL, NULL) != napi_ok || type != napi_uint8_array)
    return type_error(env, "filter: the number of setsockopt, a file descriptor and a Uint8Array");
  if (length % INSTRUCTION_BYTES != 0 || length / INSTRUCTION_BYTES > INSTRUCTIONS_MAX) return integer(env, -ERRNO_INVAL);
  struct {
    unsigned short count;
    void *instructions;
  } program = {(unsigned short)(length / INSTRUCTION_BYTES), bytes};
  const long registers[SYS_ARGUMENTS_MAX] = {fd, SOL_SOCKET_, SO_ATTACH_FILTER_, (long)&program, sizeof program, 0};
  return integer(env, raw_call((long)number, registers));
}

/* ---- readiness --------------------------------------------------------------------------------------------------- */

struct watch;

/* One per environment. It lives until the environment has ended and the last handle is closed. */
struct state {
  napi_env env;
  napi_async_cleanup_hook_handle hook;
  struct watch *watches;
  int64_t last_id;
  int open_handles;
  int ending;
};

struct watch {
  struct state *state;
  struct watch *next;
  napi_ref callback;
  int64_t id;
  /* The libuv handle follows, aligned as calloc aligns: the size of this structure is rounded up to 16. */
};

static size_t watch_size(void) { return (sizeof(struct watch) + 15) & ~(size_t)15; }
static uv_poll_t *handle_of(struct watch *watch) { return (uv_poll_t *)((char *)watch + watch_size()); }

static void release_state(struct state *state) {
  if (!state->ending || state->open_handles > 0) return;
  napi_async_cleanup_hook_handle hook = state->hook;
  free(state);
  if (hook != NULL) napi_remove_async_cleanup_hook(hook);
}

static void on_closed(void *handle) {
  struct watch *watch = uv_handle_get_data(handle);
  struct state *state = watch->state;
  free(watch);
  state->open_handles--;
  release_state(state);
}

/* The watch must be out of the list already. */
static void close_watch(struct watch *watch) {
  if (watch->callback != NULL) napi_delete_reference(watch->state->env, watch->callback);
  watch->callback = NULL;
  uv_close(handle_of(watch), on_closed);
}

static void on_ready(uv_poll_t *handle, int status, int events) {
  struct watch *watch = uv_handle_get_data(handle);
  napi_env env = watch->state->env;
  napi_handle_scope scope;
  napi_value callback, receiver, arguments[2], result, thrown;
  if (watch->callback == NULL || watch->state->ending) return;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  arguments[0] = integer(env, events);
  arguments[1] = integer(env, status);
  if (arguments[0] != NULL && arguments[1] != NULL &&
      napi_get_reference_value(env, watch->callback, &callback) == napi_ok && callback != NULL &&
      napi_get_global(env, &receiver) == napi_ok &&
      /* The callback may call unwatch: `watch` is not touched after this line. */
      napi_make_callback(env, NULL, receiver, callback, 2, arguments, &result) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok)
    napi_fatal_exception(env, thrown);
  napi_close_handle_scope(env, scope);
}

static napi_value watch(napi_env env, napi_callback_info info) {
  napi_value given[3];
  size_t count = 3;
  struct state *state = NULL;
  struct uv_loop_s *loop = NULL;
  napi_valuetype type;
  int32_t fd, events;
  if (napi_get_cb_info(env, info, &count, given, NULL, NULL) != napi_ok || count < 3 ||
      napi_get_value_int32(env, given[0], &fd) != napi_ok || napi_get_value_int32(env, given[1], &events) != napi_ok ||
      napi_typeof(env, given[2], &type) != napi_ok || type != napi_function)
    return type_error(env, "watch: a file descriptor, events and a function");
  if (fd < 0 || events == 0 || (events & ~EVENTS_KNOWN) != 0) return integer(env, -ERRNO_INVAL);
  if (napi_get_instance_data(env, (void **)&state) != napi_ok || state == NULL || state->ending ||
      napi_get_uv_event_loop(env, &loop) != napi_ok)
    return integer(env, -ERRNO_INVAL);

  /* Twice what this libuv says, should a later one grow its handle between our question and its use. */
  struct watch *made = calloc(1, watch_size() + 2 * uv_handle_size(HANDLE_TYPE_POLL) + 256);
  if (made == NULL) return integer(env, -ERRNO_NOMEM);
  made->state = state;
  int status = uv_poll_init(loop, handle_of(made), fd);
  if (status < 0) { /* not opened, so nothing to close */
    free(made);
    return integer(env, status);
  }
  uv_handle_set_data(handle_of(made), made);
  state->open_handles++;
  if (napi_create_reference(env, given[2], 1, &made->callback) != napi_ok) {
    made->callback = NULL;
    status = -ERRNO_NOMEM;
  } else {
    status = uv_poll_start(handle_of(made), events, on_ready);
  }
  if (status < 0) {
    close_watch(made);
    return integer(env, status);
  }
  made->id = ++state->last_id;
  made->next = state->watches;
  state->watches = made;
  return integer(env, made->id);
}

static napi_value unwatch(napi_env env, napi_callback_info info) {
  napi_value given[1], answer = NULL;
  size_t count = 1;
  struct state *state = NULL;
  int64_t id;
  bool found = false;
  if (napi_get_cb_info(env, info, &count, given, NULL, NULL) != napi_ok || count < 1 ||
      napi_get_value_int64(env, given[0], &id) != napi_ok)
    return type_error(env, "unwatch: the id that watch returned");
  if (napi_get_instance_data(env, (void **)&state) == napi_ok && state != NULL) {
    for (struct watch **link = &state->watches; *link != NULL; link = &(*link)->next) {
      struct watch *each = *link;
      if (each->id != id) continue;
      *link = each->next;
      close_watch(each);
      found = true;
      break;
    }
  }
  napi_get_boolean(env, found, &answer);
  return answer;
}

static void on_environment_end(napi_async_cleanup_hook_handle hook, void *argument) {
  struct state *state = argument;
  state->hook = hook;
  state->ending = 1;
  while (state->watches != NULL) {
    struct watch *each = state->watches;
    state->watches = each->next;
    close_watch(each);
  }
  release_state(state);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  struct state *state = calloc(1, sizeof *state);
  if (state == NULL) return exports;
  state->env = env;
  if (napi_set_instance_data(env, state, NULL, NULL) != napi_ok ||
      napi_add_async_cleanup_hook(env, on_environment_end, state, &state->hook) != napi_ok) {
    napi_set_instance_data(env, NULL, NULL, NULL);
    free(state);
    napi_throw_error(env, NULL, "hbsys: Node.js refused the clean-up hook");
    return exports;
  }
  const napi_property_descriptor functions[] = {
      {"sys", NULL, sys, NULL, NULL, NULL, napi_enumerable, NULL},
      {"watch", NULL, watch, NULL, NULL, NULL, napi_enumerable, NULL},
      {"filter", NULL, filter, NULL, NULL, NULL, napi_enumerable, NULL},
      {"unwatch", NULL, unwatch, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return NAPI_VERSION; }

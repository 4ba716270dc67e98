// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Balances a service address over its backends when a socket connects, and shows the client the address it dialled.
 * Skips backends that nobody listens on, also when no agent is alive. Needs Linux 5.8 with BTF; on_listener
 * needs 5.11, without it on_listener_plain does.
 */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "balance_maps.h"
#include "listener.h"

char LICENSE[] SEC("license") = "GPL";

#define SOCK_STREAM 1
#define AF_INET6 10
#define IPPROTO_TCP 6
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define ALIAS_DRAWS 3
#define SILENCE_NS 5000000000ULL

static __always_inline __u64 setting(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&settings, &which);

	return value ? *value : 0;
}

static __always_inline void map_v4(struct endpoint *endpoint, __u32 address)
{
	__u32 *words = (__u32 *)endpoint->address;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = address;
}

static __always_inline bool is_mapped(const struct endpoint *endpoint)
{
	const __u32 *words = (const __u32 *)endpoint->address;

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

static __always_inline bool listens_on(struct endpoint *endpoint)
{
	__s64 *count = bpf_map_lookup_elem(&listeners, endpoint);

	return count && *count > 0;
}

/* Somebody listens there: on the very address, on every v4 address, or on every address. */
static __always_inline bool is_live(const struct endpoint *backend)
{
	struct endpoint any = *backend;

	if (listens_on(&any))
		return true;
	__builtin_memset(any.address, 0, sizeof(any.address));
	if (listens_on(&any))
		return true;
	if (!is_mapped(backend))
		return false;
	map_v4(&any, 0);
	return listens_on(&any);
}

/* The mask is for the verifier, which the compiler would otherwise show a check too late. */
static __always_inline const struct column *column(const struct table *table, __u32 index)
{
	index &= MAX_BACKENDS - 1;
	asm volatile("" : "+r"(index));
	return &table->columns[index];
}

static __always_inline const struct column *draw(const struct table *table, __u32 n)
{
	__u32 index = ((__u64)bpf_get_prandom_u32() * n) >> 32;
	const struct column *drawn = column(table, index);

	if (bpf_get_prandom_u32() > drawn->threshold)
		drawn = column(table, drawn->alias);
	return drawn;
}

/* Three fair draws, then the first live one from a random place: a table of mostly dead backends still finds it. */
static __always_inline const struct column *pick(const struct table *table)
{
	__u32 n = table->n;

	if (n == 0 || n > MAX_BACKENDS)
		return 0;
	for (int i = 0; i < ALIAS_DRAWS; i++) {
		const struct column *drawn = draw(table, n);

		if (is_live(&drawn->endpoint))
			return drawn;
	}
	__u32 from = bpf_get_prandom_u32() % n;

	for (__u32 i = 0; i < MAX_BACKENDS; i++) {
		if (i >= n)
			break;
		__u32 index = from + i;
		const struct column *next = column(table, index < n ? index : index - n);

		if (is_live(&next->endpoint))
			return next;
	}
	return 0;
}

static __always_inline void count(const struct pick_key *key, int picked, int connected, int failed)
{
	struct pick_count *have = bpf_map_lookup_elem(&picks, key);

	if (have) { /* per CPU, and these programs do not interrupt each other on one: no atomics needed */
		have->picks += picked;
		have->connects += connected;
		have->failures += failed;
		if (picked && !have->first_pick_ns)
			have->first_pick_ns = bpf_ktime_get_ns();
		return;
	}
	struct pick_count first = {
		.picks = picked,
		.connects = connected,
		.failures = failed,
		.first_pick_ns = picked ? bpf_ktime_get_ns() : 0,
	};

	bpf_map_update_elem(&picks, key, &first, BPF_NOEXIST);
}

static __always_inline bool silent(void)
{
	return bpf_ktime_get_ns() - setting(SETTING_HEARTBEAT_NS) > SILENCE_NS;
}

/* Where a connect to `wanted` shall go; 0: leave it as it is. */
static __always_inline const struct column *
choose(const struct endpoint *wanted, struct pick_key *key)
{
	struct service *service = bpf_map_lookup_elem(&services, wanted);

	if (!service || (service->pass_through && silent()))
		return 0;
	key->service = service->id;
	void *outer = bpf_map_lookup_elem(&tables, &key->service);

	if (!outer)
		return 0;
	__u32 zero = 0;
	struct table *table = bpf_map_lookup_elem(outer, &zero);

	if (!table)
		return 0;
	const struct column *chosen = pick(table);

	if (!chosen)
		return 0;
	key->slot = chosen->slot;
	key->epoch = table->epoch;
	return chosen;
}

/* Remembers what was dialled, and on whose account the connection goes; forgets what an earlier connect left. */
static __always_inline void
remember(struct bpf_sock_addr *ctx, const struct endpoint *wanted, const struct pick_key *key)
{
	struct original *original =
		bpf_sk_storage_get(&originals, ctx->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (original) {
		original->endpoint = *wanted;
		original->pick = *key;
	}
	count(key, 1, 0, 0);
	if (setting(SETTING_TRACE_COOKIES)) {
		__u64 cookie = bpf_get_socket_cookie(ctx);

		bpf_map_update_elem(&cookies, &cookie, key, BPF_ANY);
	}
}

static __always_inline void forget(struct bpf_sock_addr *ctx)
{
	bpf_sk_storage_delete(&originals, ctx->sk);
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr *ctx)
{
	struct endpoint wanted = { .port = ctx->user_port };
	struct pick_key key = {};

	if (ctx->type != SOCK_STREAM)
		return 1;
	map_v4(&wanted, ctx->user_ip4);
	const struct column *chosen = choose(&wanted, &key);

	if (!chosen || !is_mapped(&chosen->endpoint)) {
		forget(ctx);
		return 1;
	}
	remember(ctx, &wanted, &key);
	ctx->user_ip4 = ((const __u32 *)chosen->endpoint.address)[3];
	ctx->user_port = chosen->endpoint.port;
	return 1;
}

SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr *ctx)
{
	struct endpoint wanted = { .port = ctx->user_port };
	__u32 *words = (__u32 *)wanted.address;
	struct pick_key key = {};

	if (ctx->type != SOCK_STREAM)
		return 1;
	words[0] = ctx->user_ip6[0];
	words[1] = ctx->user_ip6[1];
	words[2] = ctx->user_ip6[2];
	words[3] = ctx->user_ip6[3];
	const struct column *chosen = choose(&wanted, &key);

	if (!chosen) {
		forget(ctx);
		return 1;
	}
	remember(ctx, &wanted, &key);
	const __u32 *to = (const __u32 *)chosen->endpoint.address;

	ctx->user_ip6[0] = to[0];
	ctx->user_ip6[1] = to[1];
	ctx->user_ip6[2] = to[2];
	ctx->user_ip6[3] = to[3];
	ctx->user_port = chosen->endpoint.port;
	return 1;
}

SEC("cgroup/getpeername4")
int on_getpeername4(struct bpf_sock_addr *ctx)
{
	struct original *original = bpf_sk_storage_get(&originals, ctx->sk, 0, 0);

	if (original) {
		ctx->user_ip4 = ((__u32 *)original->endpoint.address)[3];
		ctx->user_port = original->endpoint.port;
	}
	return 1;
}

SEC("cgroup/getpeername6")
int on_getpeername6(struct bpf_sock_addr *ctx)
{
	struct original *original = bpf_sk_storage_get(&originals, ctx->sk, 0, 0);

	if (original) {
		const __u32 *words = (const __u32 *)original->endpoint.address;

		ctx->user_ip6[0] = words[0];
		ctx->user_ip6[1] = words[1];
		ctx->user_ip6[2] = words[2];
		ctx->user_ip6[3] = words[3];
		ctx->user_port = original->endpoint.port;
	}
	return 1;
}

/* A socket of ours has begun to listen, or ceased to. */
static __always_inline void count_listener(struct sock *sk, bool opened)
{
	if (sk->sk_protocol != IPPROTO_TCP || sk->__sk_common.skc_net.net->ns.inum != setting(SETTING_NETNS))
		return;
	struct endpoint endpoint = { .port = bpf_htons(listener_port(sk)) };

	if (sk->__sk_common.skc_family == AF_INET6)
		bpf_probe_read_kernel(endpoint.address, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		map_v4(&endpoint, sk->__sk_common.skc_rcv_saddr);
	__s64 *count = bpf_map_lookup_elem(&listeners, &endpoint);

	if (opened && count) {
		__sync_fetch_and_add(count, 1);
	} else if (opened) {
		__s64 one = 1;

		bpf_map_update_elem(&listeners, &endpoint, &one, BPF_ANY);
	} else if (count && *count > 1) {
		__sync_fetch_and_add(count, -1);
	} else if (count) {
		bpf_map_delete_elem(&listeners, &endpoint);
	}
}

static __always_inline void count_result(struct sock *sk, int new_state)
{
	struct original *original = bpf_sk_storage_get(&originals, sk, 0, 0);

	if (original) {
		struct pick_key key = original->pick;

		count(&key, 0, new_state == TCP_ESTABLISHED, new_state == TCP_CLOSE);
	}
}

/*
 * Runs about ten times for each connection of the machine, of which two matter: one program for both subjects, because
 * to be called costs more than to look.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_listener, struct sock *sk, int old_state, int new_state)
{
	if (old_state == TCP_SYN_SENT && (new_state == TCP_ESTABLISHED || new_state == TCP_CLOSE))
		count_result(sk, new_state);
	else if (is_listener_change(old_state, new_state))
		count_listener(sk, new_state == TCP_LISTEN);
	return 0;
}

/* In its place where programs of this kind may not look into a socket's storage: connects and failures stay uncounted. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_listener_plain, struct sock *sk, int old_state, int new_state)
{
	if (is_listener_change(old_state, new_state))
		count_listener(sk, new_state == TCP_LISTEN);
	return 0;
}

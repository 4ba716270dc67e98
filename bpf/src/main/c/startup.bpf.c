// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Reports how watched processes come up: exec, the marks of a Go runtime, LISTEN, the end of a listener, exit. Every
 * event goes into the ring and, whether that has room or not, into the process's row of startup_state.
 * Needs Linux 5.8 with BTF. Runs once per event of a start, never per request.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "listener.h"
#include "process_end.h"
#include "startup_maps.h"

char LICENSE[] SEC("license") = "GPL";

#define IPPROTO_TCP 6
#define AF_INET6 10

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct startup_key);
	__type(value, struct startup_state);
} startup_state SEC(".maps");

static __always_inline struct startup_key key_of(struct process *process)
{
	return (struct startup_key){ .start_boot_ns = process->start_boot_ns, .pid = process->pid };
}

/* The process's row, made when it has none; 0 when there is no room, which costs the row and nothing else. */
static __always_inline struct startup_state *row(struct process *process)
{
	struct startup_key key = key_of(process);
	struct startup_state *known = bpf_map_lookup_elem(&startup_state, &key);

	if (known)
		return known;
	struct startup_state fresh = {
		.cgroup_id = process->cgroup_id,
		.cgroup_v1_id = process->cgroup_v1_id,
	};

	bpf_map_update_elem(&startup_state, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&startup_state, &key);
}

static __always_inline int exec_seen(struct linux_binprm *bprm, struct image *image)
{
	struct process process;

	if (!look(&process))
		return 0;
	if (!image->inode)
		image_of(BPF_CORE_READ(bprm, file), image);
	struct startup_state *state = row(&process);

	if (state) {
		state->execs += 1;
		state->image_inode = image->inode;
		state->image_device = image->device;
		if (!state->listen_ns) { /* what came before was a wrapper */
			state->exec_ns = process.at_ns;
			state->runtime_main_ns = 0;
			state->main_main_ns = 0;
			state->net_http_serve_ns = 0;
			state->grpc_serve_ns = 0;
		}
	}
	struct startup_event *event = begin(&process, STARTUP_EXEC);

	if (!event)
		return 0;
	event->inode = image->inode;
	event->device = image->device;
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), BPF_CORE_READ(bprm, filename));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/*
 * On an overlay the file that was opened shows another device per mount; the file that is mapped is the layer's own,
 * the same for every container of an image. Needs Linux 5.17.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct image image = {};

	bpf_find_vma(task, task->mm->start_code, mapped_image, &image, 0);
	return exec_seen(bprm, &image);
}

/* In its place where bpf_find_vma is missing. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec_plain, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct image image = {};

	return exec_seen(bprm, &image);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct process process;

	if (!nobody_left(task) || !look(&process) || !ends_first(task))
		return 0;
	struct startup_key key = key_of(&process);
	struct startup_state *state = bpf_map_lookup_elem(&startup_state, &key);

	if (state && !state->listen_ns) { /* children of a server that come and go would push its own row out */
		bpf_map_delete_elem(&startup_state, &key);
	} else if (state) {
		state->exit_ns = process.at_ns;
		state->flags |= STARTUP_EXITED;
	}
	struct startup_event *event = begin(&process, STARTUP_EXIT);

	if (!event)
		return 0;
	event->exit_code = exit_code(task);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

static __always_inline void copy_address(__u8 *to, struct sock *sk)
{
	if (sk->__sk_common.skc_family == AF_INET6)
		bpf_probe_read_kernel(to, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		bpf_probe_read_kernel(to, 4, &sk->__sk_common.skc_rcv_saddr);
}

static __always_inline void listener_opened(struct startup_state *state, struct process *process, struct sock *sk)
{
	__sync_fetch_and_add(&state->listeners, 1);
	if (!state->listen_ns)
		state->listen_ns = process->at_ns;
	state->family = sk->__sk_common.skc_family;
	state->port = listener_port(sk);
	copy_address(state->address, sk);
}

static __always_inline void listener_closed(struct startup_state *state, struct process *process)
{
	if (state->listeners) /* whoever closes it last need not have opened it */
		__sync_fetch_and_add(&state->listeners, -1);
	state->listen_closed_ns = process->at_ns;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_listener, struct sock *sk, int old_state, int new_state)
{
	bool closed = new_state != TCP_LISTEN;
	struct process process;

	if (!is_listener_change(old_state, new_state))
		return 0;
	/* A Go listener by MPTCP shows three sockets; the one that takes TCP connections is the one that counts. */
	if (sk->sk_protocol != IPPROTO_TCP || !look(&process))
		return 0;
	struct startup_state *state = row(&process);

	if (state && closed)
		listener_closed(state, &process);
	else if (state)
		listener_opened(state, &process, sk);
	struct startup_event *event = begin(&process, closed ? STARTUP_LISTEN_CLOSED : STARTUP_LISTEN);

	if (!event)
		return 0;
	event->socket = (__u64)sk;
	event->family = sk->__sk_common.skc_family;
	event->port = listener_port(sk);
	copy_address(event->address, sk);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/*
 * The first time counts: a program may serve each connection by a server of its own. Two threads at the very same moment
 * are told twice; atomics that would tell them apart need Linux 5.12.
 */
static __always_inline int mark(__u32 type, __u32 field)
{
	struct process process;

	if (!look(&process))
		return 0;
	struct startup_state *state = row(&process);

	if (state) {
		__u64 *first = (__u64 *)((char *)state + field);

		if (*first)
			return 0;
		*first = process.at_ns;
	}
	struct startup_event *event = begin(&process, type);

	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("uprobe")
int on_runtime_main(void *ctx)
{
	return mark(STARTUP_RUNTIME_MAIN, offsetof(struct startup_state, runtime_main_ns));
}

SEC("uprobe")
int on_main_main(void *ctx)
{
	return mark(STARTUP_MAIN_MAIN, offsetof(struct startup_state, main_main_ns));
}

SEC("uprobe")
int on_net_http_serve(void *ctx)
{
	return mark(STARTUP_NET_HTTP_SERVE, offsetof(struct startup_state, net_http_serve_ns));
}

SEC("uprobe")
int on_grpc_serve(void *ctx)
{
	return mark(STARTUP_GRPC_SERVE, offsetof(struct startup_state, grpc_serve_ns));
}

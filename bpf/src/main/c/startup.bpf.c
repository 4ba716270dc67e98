// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Reports how watched processes come up: exec, the marks of a Go runtime, LISTEN, the end of a listener, exit.
 * Needs Linux 5.8 with BTF. Runs once per event of a start, never per request.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "listener.h"
#include "startup_event.h"

char LICENSE[] SEC("license") = "GPL";

#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define IPPROTO_TCP 6
#define AF_INET6 10

/* The two cgroup hierarchies number their directories independently of each other. */
struct watched_key {
	__u64 cgroup_id;
	__u64 hierarchy; /* 2: cgroup2, 1: v1 cpu */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct watched_key);
	__type(value, __u32);
} watched SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} startup_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} startup_lost SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} startup_abi SEC(".maps");

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(&startup_lost, &zero);

	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __always_inline __u64 v1_cgroup_id(struct task_struct *task)
{
	/* An id of 0 is nobody's: a kernel without the v1 hierarchy shows the cgroup2 root here, harmless beside it. */
	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id))
		return 0;
	int index = bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = 0;

	bpf_core_read(&state, sizeof(state), &set->subsys[index & 15]);
	return BPF_CORE_READ(state, cgroup, kn, id);
}

static __always_inline bool is_watched(__u64 v2, __u64 v1)
{
	struct watched_key key = { .cgroup_id = v2, .hierarchy = 2 };

	if (bpf_map_lookup_elem(&watched, &key))
		return true;
	key.cgroup_id = v1;
	key.hierarchy = 1;
	return v1 && bpf_map_lookup_elem(&watched, &key);
}

/* A reserved and filled event of the current process, or 0 when nobody watches it or the ring is full. */
static __always_inline struct startup_event *begin(__u32 type)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 v2 = bpf_get_current_cgroup_id();
	__u64 v1 = v1_cgroup_id(task);

	if (!is_watched(v2, v1))
		return 0;
	struct startup_event *event = bpf_ringbuf_reserve(&startup_events, sizeof(*event), 0);

	if (!event) {
		count_lost();
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->at_ns = bpf_ktime_get_ns();
	event->cgroup_id = v2;
	event->cgroup_v1_id = v1;
	event->type = type;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->parent_pid = BPF_CORE_READ(task, real_parent, tgid);
	event->start_boot_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	return event;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct startup_event *event = begin(STARTUP_EXEC);

	if (!event)
		return 0;
	event->inode = BPF_CORE_READ(bprm, file, f_inode, i_ino);
	event->device = BPF_CORE_READ(bprm, file, f_inode, i_sb, s_dev);
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), BPF_CORE_READ(bprm, filename));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	if (task->pid != task->tgid)
		return 0;
	struct startup_event *event = begin(STARTUP_EXIT);

	if (!event)
		return 0;
	event->exit_code = task->exit_code;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_listener, struct sock *sk, int old_state, int new_state)
{
	/* A connection's socket begins as a copy of its listener's: LISTEN to SYN_RECV is not the end of a listener. */
	bool closed = old_state == TCP_LISTEN && new_state == TCP_CLOSE;

	/* A Go listener by MPTCP shows three sockets; the one that takes TCP connections is the one that counts. */
	if ((new_state != TCP_LISTEN && !closed) || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	struct startup_event *event =
		begin(new_state == TCP_LISTEN ? STARTUP_LISTEN : STARTUP_LISTEN_CLOSED);

	if (!event)
		return 0;
	event->socket = (__u64)sk;
	event->family = sk->__sk_common.skc_family;
	event->port = listener_port(sk);
	if (event->family == AF_INET6)
		bpf_probe_read_kernel(event->address, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		bpf_probe_read_kernel(event->address, 4, &sk->__sk_common.skc_rcv_saddr);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

static __always_inline int mark(__u32 type)
{
	struct startup_event *event = begin(type);

	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("uprobe")
int on_runtime_main(void *ctx)
{
	return mark(STARTUP_RUNTIME_MAIN);
}

SEC("uprobe")
int on_main_main(void *ctx)
{
	return mark(STARTUP_MAIN_MAIN);
}

// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Follows one control group from its first instruction: what it runs, which steps of its start it passes, the stacks it
 * is in, and when it waits for a processor. Needs Linux 5.15 with BTF. For one traced start at a time, never for service.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "cgroup_id.h"
#include "listener.h"
#include "process_end.h"
#include "profile_event.h"

char LICENSE[] SEC("license") = "GPL";

#define IPPROTO_TCP 6
#define AF_INET6 10
#define TASK_RUNNING 0
/* Shorter waits are the scheduler's daily business and would fill the ring. */
#define SHORTEST_WAIT_NS 200000

struct profile_target {
	__u64 cgroup_id; /* cgroup2 directory, 0 without one */
	__u64 cgroup_v1_id; /* directory in the v1 cpu hierarchy; looked at without cgroup2 only */
	__u64 arm64; /* where a Go function's first argument lies differs */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct profile_target);
} profile_target SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24);
} profile_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} profile_lost SEC(".maps");

struct waiting {
	__u64 out_ns;
	__u64 runnable_ns; /* 0 while it sleeps */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32); /* thread */
	__type(value, struct waiting);
} profile_waiting SEC(".maps");

/* The target, or 0 when the current task is not in its group. */
static __always_inline struct profile_target *current_target(void)
{
	__u32 zero = 0;
	struct profile_target *target = bpf_map_lookup_elem(&profile_target, &zero);

	if (!target)
		return 0;
	if (target->cgroup_id)
		return target->cgroup_id == bpf_get_current_cgroup_id() ? target : 0;
	return target->cgroup_v1_id == v1_cgroup_id((struct task_struct *)bpf_get_current_task()) ? target : 0;
}

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(&profile_lost, &zero);

	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __always_inline void fill(struct profile_event *event, __u32 type)
{
	__u64 id = bpf_get_current_pid_tgid();

	event->at_ns = bpf_ktime_get_ns();
	event->type = type;
	event->pid = id >> 32;
	event->tid = (__u32)id;
	event->extra = 0;
	event->first = 0;
	event->second = 0;
}

static __always_inline void tell(__u32 type, __u32 extra, __u64 first, __u64 second, __u64 flags)
{
	struct profile_event *event = bpf_ringbuf_reserve(&profile_events, sizeof(*event), 0);

	if (!event) {
		count_lost();
		return;
	}
	fill(event, type);
	event->extra = extra;
	event->first = first;
	event->second = second;
	bpf_ringbuf_submit(event, flags);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_profiled_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	if (!current_target())
		return 0;
	struct profile_exec *exec = bpf_ringbuf_reserve(&profile_events, sizeof(*exec), 0);

	if (!exec) {
		count_lost();
		return 0;
	}
	fill(&exec->event, PROFILE_EXEC);
	exec->path[0] = 0;
	bpf_probe_read_kernel_str(exec->path, sizeof(exec->path), BPF_CORE_READ(bprm, filename));
	bpf_ringbuf_submit(exec, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_profiled_exit, struct task_struct *task)
{
	if (nobody_left(task) && current_target() && ends_first(task))
		tell(PROFILE_EXIT, exit_code(task), 0, 0, BPF_RB_FORCE_WAKEUP);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_profiled_listener, struct sock *sk, int old_state, int new_state)
{
	/* A Go listener by MPTCP shows three sockets; the one that takes TCP connections is the one that counts. */
	if (new_state != TCP_LISTEN || sk->sk_protocol != IPPROTO_TCP || !current_target())
		return 0;
	__u64 address[2] = {};
	__u32 family = sk->__sk_common.skc_family;

	if (family == AF_INET6)
		bpf_probe_read_kernel(address, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		bpf_probe_read_kernel(address, 4, &sk->__sk_common.skc_rcv_saddr);
	tell(PROFILE_LISTEN, family << 16 | listener_port(sk), address[0], address[1], BPF_RB_FORCE_WAKEUP);
	return 0;
}

static __always_inline int step(void *ctx)
{
	struct profile_target *target = current_target();

	if (!target)
		return 0;
	struct profile_step *step = bpf_ringbuf_reserve(&profile_events, sizeof(*step), 0);

	if (!step) {
		count_lost();
		return 0;
	}
	fill(&step->event, PROFILE_STEP);
	step->event.first = bpf_get_attach_cookie(ctx);
	bpf_probe_read_kernel(&step->event.second, sizeof(__u64), ctx + (target->arm64 ? 0 : 80)); /* x0, rax */
	step->place = 0;
	bpf_probe_read_kernel(&step->place, sizeof(step->place), ctx + (target->arm64 ? 256 : 128)); /* pc, rip */
	bpf_ringbuf_submit(step, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("uprobe")
int on_step(void *ctx)
{
	return step(ctx);
}

/* The same, for kernels that attach to many places at once (6.6). */
SEC("uprobe")
int on_steps(void *ctx)
{
	return step(ctx);
}

static __always_inline int sample(void *ctx, __u32 fault)
{
	if (!current_target())
		return 0;
	struct profile_sample *sample = bpf_ringbuf_reserve(&profile_events, sizeof(*sample), 0);

	if (!sample) {
		count_lost();
		return 0;
	}
	fill(&sample->event, PROFILE_SAMPLE);
	long user = bpf_get_stack(ctx, sample->user, sizeof(sample->user), BPF_F_USER_STACK);
	long kernel = bpf_get_stack(ctx, sample->kernel, sizeof(sample->kernel), 0);

	sample->event.extra = fault;
	sample->event.first = user > 0 ? user : 0;
	sample->event.second = kernel > 0 ? kernel : 0;
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("perf_event")
int on_cpu_clock(void *ctx)
{
	return sample(ctx, 0);
}

SEC("perf_event")
int on_page_faults(void *ctx)
{
	return sample(ctx, 1);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 thread = next->pid;
	struct waiting *waited = bpf_map_lookup_elem(&profile_waiting, &thread);
	__u64 now = bpf_ktime_get_ns();

	if (waited) {
		if (now - waited->out_ns >= SHORTEST_WAIT_NS) {
			struct profile_off_cpu *off = bpf_ringbuf_reserve(&profile_events, sizeof(*off), 0);

			if (off) {
				long kernel = 0;

				if (waited->runnable_ns != waited->out_ns) /* it slept: its stack still says in what */
					kernel = bpf_get_task_stack(next, off->kernel, sizeof(off->kernel), 0);
				off->event.at_ns = now;
				off->event.type = PROFILE_OFF_CPU;
				off->event.pid = next->tgid;
				off->event.tid = thread;
				off->event.extra = kernel > 0 ? kernel : 0;
				off->event.first = waited->out_ns;
				off->event.second = waited->runnable_ns;
				bpf_ringbuf_submit(off, BPF_RB_NO_WAKEUP);
			} else {
				count_lost();
			}
		}
		bpf_map_delete_elem(&profile_waiting, &thread);
	}
	if (!current_target())
		return 0;
	struct waiting begins = { .out_ns = now };

	if (preempt || prev->__state == TASK_RUNNING)
		begins.runnable_ns = now;
	thread = prev->pid;
	bpf_map_update_elem(&profile_waiting, &thread, &begins, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	__u32 thread = task->pid;
	struct waiting *waited = bpf_map_lookup_elem(&profile_waiting, &thread);

	if (waited && !waited->runnable_ns)
		waited->runnable_ns = bpf_ktime_get_ns();
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// How far each watched process has come, without asking Thaw:
//   cc -I bpf/src/main/c examples/startup-state/c/read.c -lbpf -o read && ./read /sys/fs/bpf/thaw/orders/startup
#include <bpf/bpf.h>
#include <linux/types.h>
#include <stdio.h>
#include "startup_state.h"

int main(int argc, char **argv)
{
	char path[2][256];
	struct startup_header header;
	struct startup_key key, *last = NULL;
	struct startup_state state;

	snprintf(path[0], 256, "%s/startup_header", argv[argc - 1]);
	snprintf(path[1], 256, "%s/startup_state", argv[argc - 1]);
	int rows = bpf_obj_get(path[1]);
	if (bpf_map_lookup_elem(bpf_obj_get(path[0]), &(__u32){ 0 }, &header) || header.abi != STARTUP_ABI)
		return fprintf(stderr, "%s: no startup_state of version %d\n", argv[argc - 1], STARTUP_ABI), 1;
	for (; bpf_map_get_next_key(rows, last, &key) == 0; last = &key)
		if (bpf_map_lookup_elem(rows, &key, &state) == 0)
			printf("pid %u exec_ns %llu listen_ns %llu port %u exited %u\n", key.pid, state.exec_ns, state.listen_ns,
			       state.port, state.flags & STARTUP_EXITED);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// How far each watched process has come, without asking Thaw:
//   cc -I bpf/src/main/c examples/startup-state/c/read.c -lbpf -o read && ./read /sys/fs/bpf/thaw/orders/startup
#include <bpf/bpf.h>
#include <err.h>
#include <linux/types.h>
#include <stdio.h>
#include <unistd.h>
#include "startup_state.h"

int main(int argc, char **argv)
{
	struct startup_header header = {};
	struct startup_key key, *last = NULL;
	struct startup_state row;

	if (argc != 2 || chdir(argv[1]) || bpf_map_lookup_elem(bpf_obj_get("startup_header"), &(__u32){ 0 }, &header) ||
	    header.abi != STARTUP_ABI)
		errx(1, "startup_state is of version %u, this reads %d", header.abi, STARTUP_ABI);
	for (int rows = bpf_obj_get("startup_state"); bpf_map_get_next_key(rows, last, &key) == 0; last = &key)
		if (bpf_map_lookup_elem(rows, &key, &row) == 0)
			printf("pid %u exec_ns %llu listen_ns %llu port %u exited %u\n", key.pid, row.exec_ns, row.listen_ns,
			       row.port, row.flags & STARTUP_EXITED);
	return 0;
}

// How far each watched process has come, without asking Thaw: cd examples/startup-state/go && go run . /sys/fs/bpf/thaw/orders/startup
package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"os"

	"github.com/cilium/ebpf"
)

func main() {
	abi, key, row, number := [8]uint32{}, []byte{}, []byte{}, binary.NativeEndian
	header, err := ebpf.LoadPinnedMap(os.Args[1]+"/startup_header", nil)
	state, missing := ebpf.LoadPinnedMap(os.Args[1]+"/startup_state", nil)
	if err != nil || missing != nil || header.Lookup(uint32(0), &abi) != nil || abi[0] != 2 {
		log.Fatalf("startup_state is of version %d, this reads 2 (%v)", abi[0], err)
	}
	for rows := state.Iterate(); rows.Next(&key, &row); {
		fmt.Println("pid", number.Uint32(key[8:]), "exec_ns", number.Uint64(row[64:]), "listen_ns", number.Uint64(row[104:]),
			"port", number.Uint16(row[42:]), "exited", row[28]&1)
	}
}

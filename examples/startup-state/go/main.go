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
	folder, number := os.Args[1], binary.NativeEndian
	header := must(must(ebpf.LoadPinnedMap(folder+"/startup_header", nil)).LookupBytes(uint32(0)))
	if abi := number.Uint32(header); abi != 2 {
		log.Fatalf("%s: startup_state is of version %d, this reads 2", folder, abi)
	}
	var key, row []byte
	for rows := must(ebpf.LoadPinnedMap(folder+"/startup_state", nil)).Iterate(); rows.Next(&key, &row); {
		fmt.Println("pid", number.Uint32(key[8:]), "exec_ns", number.Uint64(row[64:]), "listen_ns", number.Uint64(row[104:]),
			"port", number.Uint16(row[42:]), "exited", row[28]&1)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

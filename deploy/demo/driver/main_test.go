package main

import (
	"testing"
	"time"
)

func TestAnOpenLoopIsDueByItsRateAlone(t *testing.T) {
	if due(0, 120) != 0 || due(120, 120) != time.Second || due(60, 120) != 500*time.Millisecond {
		t.Fatalf("due: %v %v %v", due(0, 120), due(120, 120), due(60, 120))
	}
}

func TestTheMonotonicClockMovesOn(t *testing.T) {
	before := monotonic()
	if after := monotonic(); before <= 0 || after < before {
		t.Fatalf("%d then %d", before, after)
	}
}

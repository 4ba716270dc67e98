package main

import (
	"testing"
	"time"
)

func TestBuildAFailsTheFirstOfEveryFiveOrders(t *testing.T) {
	f := &faults{kind: "a"}
	var failed []int
	for i := 1; i <= 11; i++ {
		if f.before(time.Now()) != 200 {
			failed = append(failed, i)
		}
	}
	if len(failed) != 3 || failed[0] != 1 || failed[1] != 6 || failed[2] != 11 {
		t.Fatalf("failed: %v (expected: 1 6 11)", failed)
	}
}

func TestBuildBCountsTheLastSecondOnly(t *testing.T) {
	f := &faults{kind: "b"}
	begin := time.Unix(100, 0)
	for i := 0; i < 4; i++ {
		if rate := f.rate(begin.Add(time.Duration(i) * 100 * time.Millisecond)); rate > slowAbove {
			t.Fatalf("rate %d after %d orders", rate, i+1)
		}
	}
	if rate := f.rate(begin.Add(500 * time.Millisecond)); rate <= slowAbove {
		t.Fatalf("rate %d with five orders in a second", rate)
	}
	if rate := f.rate(begin.Add(3 * time.Second)); rate != 1 {
		t.Fatalf("rate %d after a pause (expected: 1)", rate)
	}
}

func TestAnUnknownFaultIsRefused(t *testing.T) {
	if _, err := readFault("c"); err == nil {
		t.Fatal("accepted")
	}
}

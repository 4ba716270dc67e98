package catalogue

import "testing"

func TestEveryProductIsFoundByItsNumber(t *testing.T) {
	index := NewIndex()
	for page := 0; page < 4; page++ {
		index.Add(Page(page))
	}
	if index.Len() != 4*PerPage {
		t.Fatalf("%d products (expected: %d)", index.Len(), 4*PerPage)
	}
	product, found := index.Find("976", 0)
	if !found || product.ID != "p1-476" {
		t.Fatalf("found %v %v", product, found)
	}
	if _, found := index.Find("no such word", 3); found {
		t.Fatal("found what is not there")
	}
}

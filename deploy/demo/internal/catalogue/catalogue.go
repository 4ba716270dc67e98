// Package catalogue is what order-svc and inventory-svc agree on.
package catalogue

import (
	"fmt"
	"strings"
)

// Pages and PerPage: 80,000 products.
const (
	Pages   = 160
	PerPage = 500
)

// Product is one thing that can be ordered.
type Product struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Price       float64           `json:"price"`
	Attributes  map[string]string `json:"attributes"`
}

// Page makes one page; the same number gives the same page.
func Page(number int) []Product {
	products := make([]Product, PerPage)
	for i := range products {
		products[i] = Product{
			ID:          fmt.Sprintf("p%d-%d", number, i),
			Name:        fmt.Sprintf("product %d of page %d", i, number),
			Description: fmt.Sprintf("cotton steel red green number %d", (number*PerPage+i)%977),
			Price:       float64((number*31+i*7)%10000) / 100,
			Attributes:  map[string]string{"size": fmt.Sprint(i % 40), "weight": fmt.Sprint(i)},
		}
	}
	return products
}

// Index says which products carry a word, as positions in the order they were added.
type Index struct {
	words    map[string][]int32
	products []Product
}

// NewIndex is empty.
func NewIndex() *Index { return &Index{words: make(map[string][]int32, 4096)} }

// Add takes in a page.
func (x *Index) Add(page []Product) {
	for _, product := range page {
		at := int32(len(x.products))
		x.products = append(x.products, product)
		for _, word := range strings.Fields(product.Description) {
			x.words[word] = append(x.words[word], at)
		}
	}
}

// Len is the number of products.
func (x *Index) Len() int { return len(x.products) }

// Find returns the n-th product that carries a word, wrapping around; false when none does.
func (x *Index) Find(word string, n int) (Product, bool) {
	hits := x.words[word]
	if len(hits) == 0 {
		return Product{}, false
	}
	return x.products[hits[n%len(hits)]], true
}

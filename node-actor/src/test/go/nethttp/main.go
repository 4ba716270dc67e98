// nethttp serves /healthz by net/http: HTTP/1.1, h2c as well, or TLS with a certificate made at start.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log"
	"math/big"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

func main() {
	mode, listen := os.Args[1], os.Args[2]
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("ok")) })
	server := &http.Server{Addr: listen, Handler: mux}
	switch mode {
	case "plain":
		log.Fatal(server.ListenAndServe())
	case "h2c":
		server.Handler = h2c.NewHandler(mux, &http2.Server{})
		log.Fatal(server.ListenAndServe())
	case "tls":
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate()}}
		log.Fatal(server.ListenAndServeTLS("", ""))
	}
	log.Fatalf("%q (accepted: plain, h2c, tls)", mode)
}

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		Subject:      pkix.Name{CommonName: "localhost"}, // Java takes no certificate without an issuer
		DNSNames:     []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

//go:build unix

package store

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"myca/ca"
	"myca/issue"
	"myca/ledger"
	"myca/out"
)

// benchClients is the size of the fleet that the benchmarks make.
const benchClients = 10_000

// BenchmarkFleet makes a store with 10,000 clients, ec-p256 throughout, in
// batches of several sizes, each drafted by all cores while the one before it is
// committed. cpu-s is the processor time of program and system for one store,
// peak-MB the memory that the process ever had (of several sizes, run each in a
// process of its own).
//
//	go test ./store -run '^$' -bench Fleet/500$ -benchtime 3x
func BenchmarkFleet(b *testing.B) {
	for _, size := range []int{100, 250, 500, 1000, 2000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := benchStore(b)
				b.StartTimer()
				before := processor(b)
				pipeline(b, s, size)
				b.ReportMetric((processor(b) - before).Seconds(), "cpu-s")
				s.Close()
			}
			b.ReportMetric(peak(b), "peak-MB")
		})
	}
}

// BenchmarkRSA is 300 clients with rsa-2048 keys: making those should be all
// that takes time (see its share with -cpuprofile).
func BenchmarkRSA(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := benchStore(b)
		b.StartTimer()
		before := processor(b)
		items := benchBatch(b, s, 0, 300, func(o *Order) { o.Plan.Request.Key, o.Spec.Key = ca.RSA2048, string(ca.RSA2048) })
		if err := s.Commit(context.Background(), items...); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((processor(b) - before).Seconds(), "cpu-s")
		s.Close()
	}
}

// BenchmarkStages is the same without overlap, so that the processor time of
// drafting and of committing can be told apart.
func BenchmarkStages(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := benchStore(b)
		b.StartTimer()
		var drafted, committed time.Duration
		for from := 0; from < benchClients; from += 500 {
			t0 := processor(b)
			items := benchBatch(b, s, from, 500)
			t1 := processor(b)
			if err := s.Commit(context.Background(), items...); err != nil {
				b.Fatal(err)
			}
			drafted, committed = drafted+t1-t0, committed+processor(b)-t1
		}
		b.ReportMetric(drafted.Seconds(), "draft-cpu-s")
		b.ReportMetric(committed.Seconds(), "commit-cpu-s")
		s.Close()
	}
}

// BenchmarkFloor is what nobody can be faster than: keys and certificates
// by the standard library, on all cores, and the same number of folders and files
// with as many bytes, flushed once.
func BenchmarkFloor(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := benchStore(b)
		item := benchBatch(b, s, 0, 1)[0]
		a, err := s.Authority()
		if err != nil {
			b.Fatal(err)
		}
		bundle, err := os.ReadFile(s.bundle())
		if err != nil {
			b.Fatal(err)
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		issuer := *a.Certificate
		issuer.PublicKey = key.Public()
		b.StartTimer()
		before := processor(b)
		onAllCores(benchClients, func(n int) {
			folder := s.place(ledger.Client, fmt.Sprintf("c-%05d", n))
			if err := floorOne(folder, s.sql(filepath.Base(folder)), &issuer, key, bundle, item); err != nil {
				b.Error(err)
			}
		})
		if err := out.SyncAll(s.Dir()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((processor(b) - before).Seconds(), "cpu-s")
		s.Close()
	}
}

func floorOne(folder, sql string, issuer *x509.Certificate, signer *ecdsa.PrivateKey, bundle []byte, like *Item) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	cert, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(rand.Text())[:16]),
		Subject:      pkix.Name{Country: []string{"US"}, Organization: []string{"sampdb"}, CommonName: filepath.Base(folder)},
		NotBefore:    time.Now(), NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, issuer, key.Public(), signer)
	if err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for _, f := range []struct {
		path string
		data []byte
		mode os.FileMode
	}{
		{filepath.Join(folder, bundleFile), bundle, publicMode},
		{filepath.Join(folder, certFile(ledger.Client)), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), publicMode},
		{filepath.Join(folder, keyFile(ledger.Client)), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), secretMode},
		{filepath.Join(folder, mycnfFile), like.files[2].Data, publicMode},
		{sql, like.sql, secretMode},
	} {
		if err := os.WriteFile(f.path, f.data, f.mode); err != nil {
			return err
		}
	}
	return nil
}

// benchStore is a store with an ec-p256 authority on the disk.
func benchStore(b *testing.B) *Store {
	b.Helper()
	f, err := foundingOf()
	if err != nil {
		b.Fatal(err)
	}
	s, err := Found(filepath.Join(b.TempDir(), "pki"), f)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Commit(context.Background()); err != nil {
		b.Fatal(err)
	}
	return s
}

// pipeline makes the clients: one batch is drafted while the one before it is
// committed.
func pipeline(b *testing.B, s *Store, size int) {
	b.Helper()
	committed := make(chan error, 1)
	committed <- nil
	for from := 0; from < benchClients; from += size {
		items := benchBatch(b, s, from, min(size, benchClients-from))
		if err := <-committed; err != nil {
			b.Fatal(err)
		}
		go func() { committed <- s.Commit(context.Background(), items...) }()
	}
	if err := <-committed; err != nil {
		b.Fatal(err)
	}
}

// benchBatch drafts the clients from … from+size-1.
func benchBatch(b *testing.B, s *Store, from, size int, change ...func(*Order)) []*Item {
	items := make([]*Item, size)
	onAllCores(size, func(n int) {
		name := fmt.Sprintf("c-%05d", from+n)
		o, err := orderOf(s, issue.Client, name, func(o *Order) {
			o.Spec.Mode, o.Spec.Days, o.Spec.DeployDir, o.Spec.Connect = "if-not-exists", 825, "/etc/mysql/"+name, "db1.example.com"
			o.Spec.Grants = []string{"SELECT, INSERT, UPDATE, DELETE ON app.*"}
			o.Known, o.Slim = &ledger.Row{}, true
			for _, c := range change {
				c(o)
			}
		})
		if err == nil {
			items[n], err = s.Draft(o)
		}
		if err != nil {
			b.Error(err)
		}
	})
	return items
}

// processor is the time of program and system for this process.
func processor(b *testing.B) time.Duration {
	use := usage(b)
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// peak is the most memory that this process ever had, in MB.
func peak(b *testing.B) float64 { return float64(usage(b).Maxrss) / 1024 }

func usage(b *testing.B) unix.Rusage {
	b.Helper()
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return use
}

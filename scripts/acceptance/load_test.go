package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// load is clients that connect again and again, each in its own goroutine with
// the product's client program.
type load struct {
	mu       sync.Mutex
	changed  *sync.Cond
	begun    []int // connections of each client, in order
	done     []int
	failures []string
	ended    bool
	workers  sync.WaitGroup
}

// load starts the clients of these names, which connect with what is on their
// host at that moment, until stop.
func (h *host) load(names []string) *load {
	l := &load{begun: make([]int, len(names)), done: make([]int, len(names))}
	l.changed = sync.NewCond(&l.mu)
	for i, name := range names {
		l.workers.Go(func() {
			for l.begin(i) {
				start := time.Now()
				result := h.login(h.clientCnf(name), "--connect-timeout=60")
				failure := ""
				if result.Stdout != name+"@%\n" {
					failure = fmt.Sprintf("%s: exit %d, %q, %s", name, result.Code, result.Stdout, result.Stderr)
				}
				l.end(i, failure)
				// Two connect at a time on average: the servers need the
				// machine too.
				time.Sleep(min(9*time.Since(start), time.Second))
			}
		})
	}
	return l
}

// begin counts a connection of client i as begun, unless the load is to stop.
func (l *load) begin(i int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.begun[i]++
	}
	return !l.ended
}

func (l *load) end(i int, failure string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[i]++
	if failure != "" {
		l.failures = append(l.failures, failure)
	}
	l.changed.Broadcast()
}

// round returns when every client has made a connection that it began after
// the call, or false as soon as any connection has failed.
func (l *load) round() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	want := slices.Clone(l.begun)
	for i := range want {
		for l.done[i] <= want[i] && len(l.failures) == 0 {
			l.changed.Wait()
		}
	}
	return len(l.failures) == 0
}

// stop ends the load and returns when no client runs any more.
func (l *load) stop() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.workers.Wait()
}

// made is the number of connections that have ended.
func (l *load) made() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := 0
	for _, n := range l.done {
		sum += n
	}
	return sum
}

// failure is what the first connections that failed said, "" when none did.
func (l *load) failure() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.failures[:min(3, len(l.failures))], "\n")
}

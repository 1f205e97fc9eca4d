package fleet

import (
	"hash/maphash"
	"slices"
)

// indexBits is enough for the number of an identity.
const indexBits = 20

// index finds who has a text: a sorted list of hashes, each with the number of
// its identity in the low bits. It has no texts: a hit is confirmed by making
// the text again.
type index struct {
	seed maphash.Seed
	list []uint64
}

// nobody is in the place of what has no text.
const nobody = ^uint64(0)

// entry is what the list has of a text.
func (x index) entry(text string, identity int) uint64 {
	return maphash.String(x.seed, text)>>indexBits<<indexBits | uint64(identity)
}

// fill makes a list of size for do to fill in, and sorts it.
func (x *index) fill(size int, do func(list []uint64)) {
	if cap(x.list) < size {
		x.list = make([]uint64, size)
	}
	x.list = x.list[:size]
	for i := range x.list {
		x.list[i] = nobody
	}
	do(x.list)
	slices.Sort(x.list)
	if n, ok := slices.BinarySearch(x.list, nobody); ok {
		x.list = x.list[:n]
	}
}

// candidates are the numbers of those that may have a text.
func (x index) candidates(text string) []int {
	if len(x.list) == 0 {
		return nil
	}
	first := x.entry(text, 0)
	n, _ := slices.BinarySearch(x.list, first)
	var all []int
	for ; n < len(x.list) && x.list[n]>>indexBits == first>>indexBits; n++ {
		all = append(all, int(x.list[n]&(1<<indexBits-1)))
	}
	return all
}

// before is the index of the identities before end.
func (x index) before(end int) index {
	kept := index{seed: x.seed}
	for _, one := range x.list {
		if int(one&(1<<indexBits-1)) < end {
			kept.list = append(kept.list, one)
		}
	}
	return kept
}

// runs is the identities that have the same hash, in ascending order.
func (x index) runs() [][]int {
	var runs [][]int
	for begin := 0; begin < len(x.list); {
		end := begin + 1
		for end < len(x.list) && x.list[end]>>indexBits == x.list[begin]>>indexBits {
			end++
		}
		if end > begin+1 {
			run := make([]int, 0, end-begin)
			for _, one := range x.list[begin:end] {
				run = append(run, int(one&(1<<indexBits-1)))
			}
			runs = append(runs, slices.Compact(run))
		}
		begin = end
	}
	return runs
}

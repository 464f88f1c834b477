// Package main does what depends on the parts of a program that slim rewrites: it grows
// stacks, switches goroutines in deep calls and in loops, collects garbage below them,
// calls by address, recovers, and ends with a panic.
package main

import (
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"
)

type node struct {
	left, right *node
	text        string
}

func tree(depth int) *node {
	if depth == 0 {
		return nil
	}
	if depth%5 == 0 {
		runtime.Gosched()
	}
	n := &node{left: tree(depth - 1), text: strings.Repeat("x", depth)}
	n.right = tree(depth - 1)
	return n
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return len(n.text)/len(n.text) + n.left.count() + n.right.count()
}

func deep(n int) int {
	var local [64]int
	local[n%64] = n
	if n == 0 {
		runtime.GC()
		time.Sleep(time.Millisecond)
		return 0
	}
	return deep(n-1) + local[n%64]
}

func divide(a, b int) (result int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	return a / b, nil
}

func words() map[string]int {
	counts := map[string]int{}
	for i := range 1000 {
		switch word := fmt.Sprint("word", i%7); {
		case i%3 == 0:
			continue
		case i > 900:
			goto done
		default:
			counts[word]++
		}
	}
done:
	return counts
}

// recovered lets deferred functions recover, one of them in a loop, whose number of
// deferred functions the compiler does not know.
func recovered(list []func(int) int) (total int) {
	defer func() {
		if recover() != nil {
			total += 1000
		}
	}()
	for i, f := range list {
		defer func() { total += f(i) }()
		if i%2 == 0 {
			continue
		}
		func() {
			defer func() { _ = recover() }()
			runtime.Gosched()
			total += f(100 / (i - 3))
		}()
	}
	return list[len(list)](total)
}

func pulled() (total int) {
	next, stop := iter.Pull(func(yield func(int) bool) {
		defer func() { total += 7 }()
		for i := range 50 {
			if i%3 == 0 {
				runtime.GC()
			}
			if !yield(deep(i)) {
				return
			}
		}
	})
	for range 20 {
		value, _ := next()
		total += value
	}
	stop()
	return total
}

func exited() (total int) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { total = deep(30) }()
		runtime.Goexit()
	}()
	<-done
	return total
}

func main() {
	sums, done := make(chan int), sync.WaitGroup{}
	for i := range 20 {
		done.Go(func() { sums <- deep(100*i) + tree(10).count() })
	}
	go func() { done.Wait(); close(sums) }()
	total := 0
	for sum := range sums {
		total += sum
	}
	_, err := divide(total, 0)
	var n node
	calls := []func(int) int{deep, func(i int) int { return i + total }, func(i int) int { return n.count() + i }, deep, deep}
	called := reflect.ValueOf(recovered).Call([]reflect.Value{reflect.ValueOf(calls)})[0].Int()
	fmt.Println(total, err, words(), called, pulled(), exited())
	var missing *node
	fail(missing)
}

// A trace does not have the functions that are copied to where they are called.
//
//go:noinline
func fail(n *node) { fmt.Println(n.text) }

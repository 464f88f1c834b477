// Package main does what depends on the parts of a program that slim rewrites: it grows
// stacks, switches goroutines in deep calls, collects garbage below them, recovers, and
// ends with a panic.
package main

import (
	"fmt"
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
	fmt.Println(total, err, words())
	var missing *node
	fail(missing)
}

func fail(n *node) { fmt.Println(n.text) }

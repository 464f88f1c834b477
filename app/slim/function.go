package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// firstFunction is the number in the upper bits of the program counters of the first
// function (funcValueOffset in cmd/link/internal/wasm). The lower 16 are for a function
// where it resumes.
const firstFunction = 0x1000

// function is a function that the compiler wrote and that has blocks to resume at.
//
// Go has no structured control flow to tell the linker, so each function is a loop around
// a br_table: a jump stores a number in local 0 and branches to the loop, which dispatches
// to the block with that number. A call stores a return address on the stack of the
// goroutine, so that its function can resume behind the call when goroutines were switched.
//
// Such a function is written again with fewer different numbers, which compresses better:
//
//   - Most jumps go forward, to a block that ends further down, and branch there.
//   - Blocks that nothing resumes at are joined, and the others have their position as
//     number. Tables by program counter change with them.
//   - The return address of a call is local 0 + 1, unless local 0 may be another number than
//     that of the block. Then it is the number.
//   - The upper bits of return addresses are in a local of their own.
//   - If the goroutine is switched, a return follows, which is longer than a branch to the
//     function's end, and the same everywhere.
type function struct {
	number   int
	locals   []byte
	dispatch dispatch
	blocks   []block
}

// block is a block of a function.
type block struct {
	code    []instruction
	call    int  // the program counter of the call at its end, or none
	number  int  // the position among the blocks that are kept
	kept    bool // it is not joined with the one before it
	forward bool // a block before it jumps to it
	back    bool // it is jumped to by itself or a block behind it
}

// none stands for the program counter of a block without a call.
const none = -1

// Locals of functions that are written again.
const (
	localResume  = 0 // where to resume, and the last return address
	localBase    = 2 // the upper bits of the function's program counters
	localScratch = 3 // what the compiler has in local 0 before a call by address
	newLocals    = 2
)

// readFunction divides a function into its blocks. It reports false if it has another form.
func readFunction(number int, body []byte) (f function, ok bool, err error) {
	start, err := skipLocals(body)
	if err != nil {
		return f, false, err
	}
	code, err := decode(body[start:])
	if err != nil {
		return f, false, err
	}
	f.number, f.locals = number, body[:start]
	if f.dispatch, ok = findDispatch(code); !ok {
		return f, false, nil
	}
	var this block
	inner, at := 0, f.dispatch.start
	for ; at < len(code) && (len(f.blocks) < f.dispatch.blocks || inner > 0 || code[at].op() != opEnd); at++ {
		if inner += nesting(code[at]); inner >= 0 {
			this.code = append(this.code, code[at])
			continue
		}
		f.blocks, this, inner = append(f.blocks, this), block{}, 0
	}
	end := []instruction{{opEnd}}
	if f.dispatch.unwind {
		end = []instruction{{opEnd}, {opI32Const, 1}, {opEnd}}
	}
	if f.dispatch.loop {
		end = append([]instruction{{opEnd}, {opUnreachable}}, end...)
	} else if last := len(this.code) - 1; last >= 0 && this.code[last].is(opUnreachable) {
		this.code = this.code[:last]
	} else {
		return f, false, nil
	}
	f.blocks = append(f.blocks, this)
	return f, slices.EqualFunc(code[at:], end, equal), nil
}

func equal(a, b instruction) bool { return slices.Equal(a, b) }

// nesting returns how many blocks an instruction opens.
func nesting(this instruction) int {
	switch this.op() {
	case opBlock, opLoop, opIf:
		return 1
	case opEnd:
		return -1
	}
	return 0
}

// callStart is what a call has before its return address: it makes room on the stack.
var callStart = []instruction{{opLocalGet, 1}, {opI32Const, 8}, {opI32Sub}, {opLocalTee, 1}, {opGlobalSet, 0}, {opLocalGet, 1}}

// returnAddress reports whether code[at] is the return address of a call, and returns its
// lower bits.
func (f *function) returnAddress(code []instruction, at int) (counter int, ok bool) {
	before := at - len(callStart)
	if before < 0 || at+1 >= len(code) || code[at].op() != opI64Const || !code[at+1].is(opI64Store, 3, 0) ||
		code[at].number()>>16 != firstFunction+f.number { // an argument
		return 0, false
	}
	return code[at].number() & 0xffff, slices.EqualFunc(code[before:at], callStart, equal)
}

// numberBlocks looks for jumps and calls, and numbers the blocks. deferred is the program
// counter of the call of deferred functions, at which the function resumes if one recovers
// from a panic, or 0.
func (f *function) numberBlocks(deferred int) error {
	if len(f.locals) < 3 || f.locals[2] != typeI32 || f.locals[1] >= 0x80-newLocals {
		return f.otherForm("its first local is not the stack pointer")
	}
	for n := range f.blocks {
		if err := f.findCalls(n); err != nil {
			return err
		}
	}
	for n := range f.blocks {
		b := &f.blocks[n]
		b.kept = n == 0 || b.forward || b.back || f.blocks[n-1].call != none
	}
	if deferred != 0 {
		b := &f.blocks[f.dispatch.target(deferred)]
		if b.call != deferred {
			return f.otherForm("its deferred functions are called elsewhere")
		}
		b.kept = true
	}
	number := -1
	for n := range f.blocks {
		if f.blocks[n].kept {
			number++
		}
		f.blocks[n].number = number
	}
	return nil
}

// findCalls looks for the jumps and calls of a block. A call is at its end, except for
// those that do not resume behind it: for a larger stack and for a nil pointer.
func (f *function) findCalls(n int) error {
	b := &f.blocks[n]
	b.call = none
	inner, calls := 0, false // calls is whether a return address was stored
	for at, this := range b.code {
		if value, ok := f.dispatch.jump(b.code[at:], n, inner); ok {
			target := f.dispatch.target(value)
			f.blocks[target].forward = f.blocks[target].forward || target > n
			f.blocks[target].back = f.blocks[target].back || target <= n
		} else if op := this.op(); op == opBrTable || (op == opBr || op == opBrIf) && this.number() >= inner && !f.dispatch.unwinds(this, n, inner) && !f.endsJump(b.code, at, n, inner) {
			return f.otherForm("it has a branch of another kind")
		}
		if counter, ok := f.returnAddress(b.code, at); ok {
			if calls {
				return f.otherForm("it has a call that does not return")
			}
			calls = true
			if inner == 0 {
				b.call = counter - 1 // the runtime looks up the call before it
			}
		}
		if f.dispatch.unwinds(this, n, inner) {
			if !calls {
				return f.otherForm("it has a call without a return address")
			}
			calls = false
			if inner == 0 && (at != len(b.code)-1 || f.dispatch.target(b.call+1) != n+1) {
				return f.otherForm("it has a call that is not at the end of a block")
			}
		}
		inner += nesting(this)
	}
	if calls {
		return f.otherForm("it has a call that does not return")
	}
	return nil
}

// endsJump reports whether code[at] is the branch of a jump by the loop.
func (f *function) endsJump(code []instruction, at, n, inner int) bool {
	if at < 2 {
		return false
	}
	_, ok := f.dispatch.jump(code[at-2:], n, inner)
	return ok
}

func (f *function) otherForm(reason string) error {
	return fmt.Errorf("%w: function %d: %s", errWasm, f.number, reason)
}

// calls returns the program counters of the calls at the ends of the blocks that are
// kept, which are the program counters from now on.
func (f *function) calls() []int {
	calls := make([]int, f.last()+1)
	for i := range calls {
		calls[i] = none
	}
	for _, b := range f.blocks {
		if b.call != none {
			calls[b.number] = b.call
		}
	}
	return calls
}

// last returns the number of the last block.
func (f *function) last() int { return f.blocks[len(f.blocks)-1].number }

// write returns the body of the function.
func (f *function) write() []byte {
	loop := slices.ContainsFunc(f.blocks, func(b block) bool { return b.back })
	w := writer{function: f, code: slices.Clone(f.locals)}
	w.code[1] += newLocals
	w.code = append(w.code, opGlobalGet, 0, opLocalSet, 1)
	if f.dispatch.unwind {
		w.code = appendSigned(append(w.code, opI32Const), int32(firstFunction+f.number)<<16)
		w.code = append(w.code, opLocalSet, localBase)
	}
	if loop {
		w.code = append(w.code, opLoop, voidBlock)
	}
	if last := f.last(); last > 0 {
		for range last + 1 {
			w.code = append(w.code, opBlock, voidBlock)
		}
		w.code = binary.AppendUvarint(append(w.code, opLocalGet, localResume, opBrTable), uint64(last))
		for n := range last + 1 {
			w.code = binary.AppendUvarint(w.code, uint64(n))
		}
		w.code = append(w.code, opEnd)
	}
	w.current = true
	for n := range f.blocks {
		w.block(n)
	}
	if loop {
		w.code = append(w.code, opEnd)
	}
	return append(w.code, opUnreachable, opEnd)
}

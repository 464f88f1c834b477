package main

import "encoding/binary"

// dispatch is the beginning of a function that has blocks to resume at (preprocess in
// cmd/internal/obj/wasm). Block n begins behind the end of the nth of the open blocks.
type dispatch struct {
	start  int   // index of the first instruction behind it
	unwind bool  // all is in a block whose end returns 1
	loop   bool  // the blocks are in a loop
	blocks int   // how many blocks are open behind it
	table  []int // the block for each value of local 0, and for all others
}

// findDispatch reports whether code begins as the linker writes a function that has blocks
// to resume at.
func findDispatch(code []instruction) (d dispatch, ok bool) {
	at := 0
	next := func(wanted ...byte) bool {
		if at < len(code) && code[at].is(wanted...) {
			at++
			return true
		}
		return false
	}
	if !next(opGlobalGet, 0) || !next(opLocalSet, 1) {
		return d, false
	}
	// The block for unwinding looks as the others do, but is outside of the loop and
	// has code behind its end.
	tail := len(code) - 3
	if tail > 0 && code[tail].is(opEnd) && code[tail+1].is(opI32Const, 1) && code[tail+2].is(opEnd) {
		if d.unwind = next(opBlock, voidBlock); !d.unwind {
			return d, false
		}
	}
	d.loop = next(opLoop, voidBlock)
	for next(opBlock, voidBlock) {
		d.blocks++
	}
	if d.blocks == 0 || !next(opLocalGet, 0) || at+1 >= len(code) || code[at].op() != opBrTable || !code[at+1].is(opEnd) {
		return d, false
	}
	d.blocks--
	numbers := code[at][1:]
	count, n := binary.Uvarint(numbers)
	for range count + 1 {
		numbers = numbers[n:]
		var block uint64
		if block, n = binary.Uvarint(numbers); block > uint64(d.blocks) {
			return d, false
		}
		d.table = append(d.table, int(block))
	}
	d.start = at + 2
	return d, true
}

// target returns the block that the dispatch chooses for a value of local 0.
func (d dispatch) target(value int) int { return d.table[min(value, len(d.table)-1)] }

// loopDepth returns the branch of a block to the loop. inner is how many blocks are open
// inside of the block.
func (d dispatch) loopDepth(block, inner int) int { return inner + d.blocks - block }

// jump returns for which value of local 0 the code of a block begins with a jump by the loop.
func (d dispatch) jump(code []instruction, block, inner int) (value int, ok bool) {
	if !d.loop || len(code) < 3 || code[0].op() != opI32Const || !code[1].is(opLocalSet, 0) ||
		code[2].op() != opBr || code[2].number() != d.loopDepth(block, inner) {
		return 0, false
	}
	return code[0].number(), true
}

// unwinds reports whether an instruction of a block ends the function if the goroutine is
// switched.
func (d dispatch) unwinds(this instruction, block, inner int) bool {
	depth := d.loopDepth(block, inner)
	if d.loop {
		depth++
	}
	return d.unwind && this.op() == opBrIf && this.number() == depth
}

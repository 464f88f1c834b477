package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// largestGap is how many zero bytes between two data segments are written out to
// make them one. Go's linker ends a segment at each run of eight zero bytes. The
// header of a segment compresses worse than the zeros it saves.
const largestGap = 32

// Sections and opcodes of the WebAssembly binary format, version 1.
const (
	wasmHeader       = "\x00asm\x01\x00\x00\x00"
	sectionCode      = 10
	sectionData      = 11
	sectionDataCount = 12
	opI32Const       = 0x41
	opEnd            = 0x0b
)

var errWasm = errors.New("not a WebAssembly module that Go's linker wrote")

// segment is a part of the module's memory with its initial content.
type segment struct {
	offset  uint32
	content []byte
}

// rewriteModule returns the module with another code section and other data segments.
func rewriteModule(module []byte, rewrite func(code []byte, data []segment) ([]byte, []segment, error)) ([]byte, error) {
	sections, err := readSections(module)
	if err != nil {
		return nil, err
	}
	var code, data *section
	for i := range sections {
		switch sections[i].id {
		case sectionCode:
			code = &sections[i]
		case sectionDataCount:
			return nil, fmt.Errorf("%w: it counts its data segments ahead", errWasm)
		case sectionData:
			data = &sections[i]
		}
	}
	if code == nil || data == nil {
		return nil, fmt.Errorf("%w: it has no code or no data", errWasm)
	}
	segments, err := readSegments(data.body)
	if err != nil {
		return nil, err
	}
	if code.body, segments, err = rewrite(code.body, segments); err != nil {
		return nil, err
	}
	data.body = writeSegments(segments)
	written := []byte(wasmHeader)
	for _, s := range sections {
		written = binary.AppendUvarint(append(written, s.id), uint64(len(s.body)))
		written = append(written, s.body...)
	}
	return written, nil
}

// section is a section of a module.
type section struct {
	id   byte
	body []byte
}

// readSections reads the sections of a module.
func readSections(module []byte) (sections []section, err error) {
	if len(module) < len(wasmHeader) || string(module[:len(wasmHeader)]) != wasmHeader {
		return nil, errWasm
	}
	for rest := module[len(wasmHeader):]; len(rest) > 0; {
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || size > uint64(len(rest)-1-n) {
			return nil, errWasm
		}
		sections = append(sections, section{rest[0], rest[1+n : 1+n+int(size)]})
		rest = rest[1+n+int(size):]
	}
	return sections, nil
}

// merge joins segments between which there are at most largest bytes.
func merge(segments []segment, largest int64) []segment {
	var merged []segment
	for _, next := range segments {
		if len(merged) > 0 {
			last := &merged[len(merged)-1]
			end := uint64(last.offset) + uint64(len(last.content))
			if gap := int64(next.offset) - int64(end); gap >= 0 && gap <= largest {
				last.content = append(append(last.content, make([]byte, gap)...), next.content...)
				continue
			}
		}
		merged = append(merged, segment{next.offset, append([]byte(nil), next.content...)})
	}
	return merged
}

// readSegments reads the body of the data section.
func readSegments(body []byte) ([]segment, error) {
	count, n := binary.Uvarint(body)
	if n <= 0 {
		return nil, errWasm
	}
	body = body[n:]
	var segments []segment
	for range count {
		if len(body) < 2 || body[0] != 0 || body[1] != opI32Const { // active, in memory 0
			return nil, fmt.Errorf("%w: a data segment of another kind", errWasm)
		}
		offset, n := signed(body[2:])
		body = body[min(2+n, len(body)):]
		if n == 0 || len(body) == 0 || body[0] != opEnd {
			return nil, errWasm
		}
		size, n := binary.Uvarint(body[1:])
		if n <= 0 || size > uint64(len(body)-1-n) {
			return nil, errWasm
		}
		segments = append(segments, segment{uint32(offset), body[1+n : 1+n+int(size)]})
		body = body[1+n+int(size):]
	}
	if len(body) > 0 {
		return nil, errWasm
	}
	return segments, nil
}

// writeSegments writes the body of the data section.
func writeSegments(segments []segment) []byte {
	body := binary.AppendUvarint(nil, uint64(len(segments)))
	for _, s := range segments {
		body = appendSigned(append(body, 0, opI32Const), int32(s.offset))
		body = binary.AppendUvarint(append(body, opEnd), uint64(len(s.content)))
		body = append(body, s.content...)
	}
	return body
}

// signed reads a signed 32-bit LEB128 number and returns its length, or 0 if
// there is none.
func signed(data []byte) (number int32, length int) {
	var value int64
	for i, b := range data[:min(5, len(data))] {
		value |= int64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			if shift := 7 * (i + 1); b&0x40 != 0 && shift < 64 {
				value |= -1 << shift
			}
			return int32(value), i + 1
		}
	}
	return 0, 0
}

func appendSigned(data []byte, number int32) []byte {
	for {
		b := byte(number & 0x7f)
		number >>= 7
		if number == 0 && b&0x40 == 0 || number == -1 && b&0x40 != 0 {
			return append(data, b)
		}
		data = append(data, b|0x80)
	}
}

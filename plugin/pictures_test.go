package main

import "testing"

func TestTheSizeOfADrawingIsThatOfItsFirstElement(t *testing.T) {
	for raw, want := range map[string][2]int{
		`<svg width="30" height="20"/>`:                     {30, 20},
		`<?xml version="1.0"?><svg viewBox="0 0 7 8"/>`:     {7, 8},
		`<svg width="30px" height="20px"/>`:                 {30, 20},
		`<svg width="30"/>`:                                 {0, 0},
		`<svg width="wide" height="20"/>`:                   {0, 0},
		`no drawing`:                                        {0, 0},
		`<svg viewBox="0 0 a b" width="1" height="1"/>`:     {0, 0},
		`<svg><rect width="30" height="20"/></svg>`:         {0, 0},
		`<svg viewBox="0 0 7" width="30" height="20"/>`:     {30, 20},
		`<svg width="30" height="20" viewBox="0 0 70 80"/>`: {70, 80},
	} {
		if width, height := sizeOfDrawing([]byte(raw)); [2]int{width, height} != want {
			t.Errorf("%s: %d x %d", raw, width, height)
		}
	}
}

// Package history checks that the registry is linearizable for those who use names:
// many clients create, rename, delete, restore and look up organizations on the same
// few names, through two processes whose steps fail, lose their answers and freeze, and
// a checker searches for an order of all that explains what each of them was told.
package history

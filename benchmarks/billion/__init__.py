"""What a billion pictures would take, by arithmetic from what was measured of fewer."""

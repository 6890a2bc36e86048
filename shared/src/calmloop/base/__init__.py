"""What every program needs: settings, clock, errors, logs."""

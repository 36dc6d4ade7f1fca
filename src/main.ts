process.stdout.write('hawser\n');
